//! What HJSON allows, what it does not, and that nothing makes the reader fall.

use proptest::prelude::*;

use super::*;

fn get(node: &Node, key: &str) -> Node {
    let mut entries = node.entries().iter();
    entries
        .find(|entry| entry.key == key)
        .expect("the key")
        .node
        .clone()
}

fn text(node: &Node, key: &str) -> String {
    get(node, key).text().expect("a text")
}

#[test]
fn json_is_read_with_lines_and_jacksons_types() {
    // CAS-249
    let definition = "{\n  \"@class\": \"org.apereo.cas.services.CasRegisteredService\",\n  \"id\": 1000,\n  \
                      \"serviceId\": \"^https://a\\\\.fr/.*\",\n  \"p\": {\n    \"@class\" : \"java.util.HashMap\",\n    \
                      \"staff\": [ \"java.util.HashSet\", [ \"x\", \"\\u00e9\\ud83d\\ude00\" ] ]\n  },\n  \"on\": true, \"none\": null\n}\n";
    let root = read(definition).expect("a definition");
    assert_eq!(root.class_name(), Some("CasRegisteredService"));
    assert_eq!(text(&root, "serviceId"), r"^https://a\.fr/.*");
    let map = get(&root, "p");
    assert_eq!(map.class_name(), Some("HashMap"));
    let set = get(&map, "staff");
    assert_eq!((set.line, set.class_name()), (7, Some("HashSet")));
    let values: Vec<String> = set.items().iter().filter_map(Node::text).collect();
    assert_eq!(values, ["x", "é😀"]);
    assert_eq!(root.entries()[1].line, 4);
    assert!(get(&root, "none").is_null() && get(&root, "on").truth() == Some(true));
}

#[test]
fn hjson_may_leave_out_what_people_leave_out() {
    // CAS-249
    let definition = "// one\n# two\n/* three\n   lines */\n@class: org.apereo.cas.services.RegexRegisteredService\n\
                      serviceId: ^https://a\\.fr/.*, and all of this\nid: 12 // a number\nname: 'it is \"it\"'\n\
                      list: [\n  un\n  deux\n  3, true,\n]\nnote:\n    '''\n    first\n      second\n    '''\nlast: {a: 1, b: 2,}";
    let root = read(definition).expect("a definition");
    assert_eq!(root.class_name(), Some("RegexRegisteredService"));
    assert_eq!(text(&root, "serviceId"), "^https://a\\.fr/.*, and all of this");
    assert_eq!(get(&root, "id").number(), Some(12));
    assert_eq!(text(&root, "name"), "it is \"it\"");
    let list = get(&root, "list");
    let items: Vec<String> = list.items().iter().filter_map(Node::text).collect();
    assert_eq!(items, ["un", "deux", "3", "true"]);
    assert_eq!(text(&root, "note"), "first\n  second");
    assert_eq!(get(&get(&root, "last"), "b").number(), Some(2));
    assert_eq!(root.entries().last().map(|entry| entry.line), Some(19));
}

#[test]
fn what_cannot_be_read_says_the_line() {
    // CAS-249
    for (definition, line, why) in [
        ("{\n \"a\": 1", 1, "without its “}”"),
        ("{\"a\": [1,\n 2", 1, "without its “]”"),
        ("{\"a\": \"x\n\"}", 1, "closing quote"),
        ("{\n\"a\": \"x\\.y\"}", 2, "backslash is written twice"),
        ("{\"a\": \"\\ud800x\"}", 1, "half a character"),
        ("{\"a\": \"\\u12g4\"}", 1, "hexadecimal"),
        ("{\"a\" 1}", 1, "“:” is missing"),
        ("{\n\n, }", 3, "a key should be"),
        ("{\"a\": }", 1, "value is missing"),
        ("{a: 1} {b: 2}", 1, "after the end"),
        ("/* never", 1, "without its end"),
        ("a: '''x", 1, "closing '''"),
        ("a: {b: 1\n c: 2", 1, "without its “}”"),
        ("a", 1, "“:” is missing"),
    ] {
        let error = read(definition).expect_err(definition);
        assert_eq!(error.line, line, "{definition:?}: {error}");
        assert!(error.message.contains(why), "{definition:?}: {error}");
    }
    for open in ["[", "{a:", "{\"a\":[", "a:{"] {
        let error = read(&open.repeat(10_000)).expect_err("too deep");
        assert!(error.message.contains("nested"), "{error}");
    }
    assert!(read(&format!("[{}]", "1,".repeat(MOST_NODES + 1))).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_fall(text in "[\\[\\]{}:,'\"\\\\#/*a-c0-9 \\n\\ru]{0,80}") {
        let _ = read(&text);
    }

    #[test]
    fn json_is_read_as_serde_reads_it(keys in prop::collection::vec("[a-z\"\\\\é\\n]{1,6}", 0..5), values in prop::collection::vec("[ -~é😀\\t]{0,12}", 5)) {
        let map: serde_json::Map<String, serde_json::Value> =
            keys.iter().zip(&values).map(|(key, value)| (key.clone(), value.clone().into())).collect();
        let written = serde_json::Value::Object(map.clone());
        for text in [written.to_string(), serde_json::to_string_pretty(&written).expect("JSON")] {
            let root = read(&text).expect("JSON is HJSON");
            prop_assert_eq!(root.entries().len(), map.len());
            for entry in root.entries() {
                let text = entry.node.text();
                prop_assert_eq!(text.as_deref(), map.get(&entry.key).and_then(serde_json::Value::as_str));
            }
        }
    }
}

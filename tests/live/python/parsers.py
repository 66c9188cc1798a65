"""What expat and lxml make of each document of a JSON list on standard input: for each parser and
document its elements in order, each as depth, {namespace}name and text."""

import json
import sys
import xml.etree.ElementTree

import lxml.etree


def elements(node, depth=1):
    found = [[depth, node.tag, node.text or ""]]
    for child in node:
        found += elements(child, depth + 1)
    return found


documents = json.load(sys.stdin)
careful = lxml.etree.XMLParser(resolve_entities=False, no_network=True)
print(json.dumps({
    "expat": [elements(xml.etree.ElementTree.fromstring(text)) for text in documents],
    "lxml": [elements(lxml.etree.fromstring(text.encode("ascii"), careful)) for text in documents],
}))

<?php
// What PHP's DOM makes of each document of a JSON list on standard input, as parsers.py tells it.
function elements(DOMElement $node, int $depth): array
{
    $text = '';
    foreach ($node->childNodes as $child) {
        if ($child instanceof DOMText) {
            $text .= $child->data;
        } elseif (!($child instanceof DOMElement)) {
            throw new Exception('an answer holds ' . get_class($child));
        }
    }
    $found = [[$depth, '{' . $node->namespaceURI . '}' . $node->localName, $text]];
    foreach ($node->childNodes as $child) {
        if ($child instanceof DOMElement) {
            $found = array_merge($found, elements($child, $depth + 1));
        }
    }
    return $found;
}

$all = [];
foreach (json_decode(stream_get_contents(STDIN), true) as $text) {
    $document = new DOMDocument();
    if (!$document->loadXML($text)) {
        throw new Exception('not well-formed: ' . $text);
    }
    $all[] = elements($document->documentElement, 1);
}
echo json_encode(['dom' => $all]);

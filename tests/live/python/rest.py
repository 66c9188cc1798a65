"""A program that signs a person in over REST, with the standard library alone, as scripts made for Apereo do.

Reads one JSON object: base, key (name:key), username, password, service. Prints what it was answered, step by
step, as JSON.
"""

import base64
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

ask = json.load(sys.stdin)
steps = []


def call(method, url, fields=None, key=ask["key"]):
    body = urllib.parse.urlencode(fields).encode() if fields is not None else None
    request = urllib.request.Request(url, data=body, method=method)
    request.add_header("Authorization", "Basic " + base64.b64encode(key.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            status, headers, text = answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        status, headers, text = error.code, error.headers, error.read().decode()
    step = {"status": status, "type": headers.get("Content-Type"), "body": text}
    step["retry"] = headers.get("Retry-After")
    step["location"] = headers.get("Location")
    return step


def told(name, step):
    steps.append({"step": name, **step})
    return step


person = {"username": ask["username"], "password": ask["password"]}
tickets = ask["base"] + "/v1/tickets"
told("stranger", call("POST", tickets, person, key="batch:not the key"))
told("wrong", call("POST", tickets, {**person, "password": "not the password"}))
told("check", call("POST", ask["base"] + "/v1/users", {**person, "service": ask["service"]}))
opened = told("open", call("POST", tickets, person))
if opened["status"] == 201:
    session = opened["location"]
    given = told("ticket", call("POST", session, {"service": ask["service"]}))
    query = urllib.parse.urlencode({"service": ask["service"], "ticket": given["body"]})
    told("validate", call("GET", ask["base"] + "/p3/serviceValidate?" + query))
    told("again", call("GET", ask["base"] + "/p3/serviceValidate?" + query))
    told("foreign", call("POST", session, {"service": "https://elsewhere.example.com/"}))
    told("alive", call("GET", session))
    told("delete", call("DELETE", session))
    told("gone", call("GET", session))
json.dump(steps, sys.stdout)

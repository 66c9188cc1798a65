"""Lets python-cas do one thing and prints what it says, as JSON.

usage: client.py login VERSION SERVER SERVICE
       client.py logout VERSION SERVER URL
       client.py verify VERSION SERVER SERVICE TICKET
       client.py slo < LOGOUT_REQUEST
"""

import json
import sys

from cas import CASClient, SingleLogoutMixin


def main(action, *arguments):
    if action == "slo":
        found = SingleLogoutMixin.get_saml_slos(sys.stdin.read())
        return [element.text for element in found]
    version, server, service, *rest = arguments
    number = int(version) if version.isdigit() else version
    client = CASClient(version=number, server_url=server + "/", service_url=service)
    if action == "login":
        return client.get_login_url()
    if action == "logout":
        return client.get_logout_url(service)
    user, attributes, pgtiou = client.verify_ticket(*rest)
    return {"user": user, "attributes": attributes, "pgtiou": pgtiou}


print(json.dumps(main(*sys.argv[1:]), ensure_ascii=False))

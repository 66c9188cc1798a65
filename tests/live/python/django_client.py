"""A small Django project whose people come by django-cas-ng, as its documentation shows it.

django_client.py FOLDER PORT CERTIFICATE KEY SERVER VERSION: served over TLS, its database in FOLDER. The
page / says in JSON who came; /ask?of=URL what another application says to it.
"""

import json
import os
import ssl
import sys
from socketserver import ThreadingMixIn
from types import ModuleType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
import requests
from django.conf import settings

folder, port, certificate, key, cas, version = sys.argv[1:]
here = f"https://localhost:{port}"
number = int(version) if version.isdigit() else version

settings.configure(
    SECRET_KEY="of the tests",
    ALLOWED_HOSTS=["localhost"],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django_cas_ng",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    AUTHENTICATION_BACKENDS=["django_cas_ng.backends.CASBackend"],
    ROOT_URLCONF="client_urls",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(folder, "client.sqlite"),
            "OPTIONS": {"timeout": 20},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    SESSION_COOKIE_NAME=f"django{port}",
    LOGIN_URL="/accounts/login",
    CAS_SERVER_URL=cas + "/",
    CAS_VERSION=number,
    CAS_PROXY_CALLBACK=f"{here}/accounts/callback" if number in (2, 3) else None,
)
django.setup()

import django_cas_ng.views
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.urls import path
from django_cas_ng.models import ProxyGrantingTicket


@login_required
def who(request):
    told = {"user": request.user.get_username(), "attributes": request.session.get("attributes")}
    return HttpResponse(json.dumps(told, ensure_ascii=False), content_type="application/json")


@login_required
def ask(request):
    service = request.GET["of"]
    ticket = ProxyGrantingTicket.retrieve_pt(request, service)
    return HttpResponse(requests.get(service, params={"ticket": ticket}).text)


urls = ModuleType("client_urls")
urls.urlpatterns = [
    path("", who),
    path("ask", ask),
    path("accounts/login", django_cas_ng.views.LoginView.as_view(), name="cas_ng_login"),
    path("accounts/logout", django_cas_ng.views.LogoutView.as_view(), name="cas_ng_logout"),
    path("accounts/callback", django_cas_ng.views.CallbackView.as_view(), name="cas_ng_proxy_callback"),
]
sys.modules["client_urls"] = urls

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

call_command("migrate", verbosity=0)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


server = make_server("127.0.0.1", int(port), get_wsgi_application(), Server, Quiet)
server.base_environ["HTTPS"] = "on"
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
server.serve_forever()

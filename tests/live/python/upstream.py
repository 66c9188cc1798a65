"""A CAS server that nobody here wrote, django-cas-server, as the other server of the tests.

upstream.py FOLDER PORT CERTIFICATE KEY: one person, signed in by the password that the command line of
the tests knows; its database lies in FOLDER. Applications on this machine may use it.
"""

import os
import ssl
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

folder, port, certificate, key = sys.argv[1:]
# The names of what its pages would load from elsewhere.
NOTHING = {
    name: "data:,"
    for name in ("bootstrap3_css", "bootstrap3_js", "html5shiv", "respond", "bootstrap4_css", "bootstrap4_js", "jquery")
}

import django
from django.conf import settings

settings.configure(
    SECRET_KEY="of the tests",
    ALLOWED_HOSTS=["localhost"],
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        "cas_server",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        # Says how long an answer is: the small server behind it does not.
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    ROOT_URLCONF="upstream_urls",
    STATIC_URL="/static/",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(folder, "upstream.sqlite"),
            "OPTIONS": {"timeout": 20},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.AutoField",
    USE_TZ=True,
    SESSION_COOKIE_NAME="upstream",
    CAS_COMPONENT_URLS=NOTHING,
    CAS_AUTH_CLASS="cas_server.auth.TestAuthUser",
    CAS_TEST_USER="4711",
    CAS_TEST_PASSWORD="upstream-password-1",
    CAS_TEST_ATTRIBUTES={"courriel": "camille.dupont@campus.example", "profil": ["National_ELV", "é & co"]},
    CAS_ENABLE_AJAX_AUTH=False,
    CAS_NEW_VERSION_HTML_WARNING=False,
    CAS_NEW_VERSION_EMAIL_WARNING=False,
)

from types import ModuleType

django.setup()

from django.urls import include, path

urls = ModuleType("upstream_urls")
urls.urlpatterns = [path("cas/", include("cas_server.urls", namespace="cas_server"))]
sys.modules["upstream_urls"] = urls

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

call_command("migrate", verbosity=0)

from cas_server.models import ReplaceAttributName, ServicePattern

pattern, _ = ServicePattern.objects.get_or_create(
    name="this machine",
    defaults={"pattern": r"^https?://localhost:\d+/.*$", "single_log_out": True, "pos": 1},
)
ReplaceAttributName.objects.get_or_create(name="*", replace="", service_pattern=pattern)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


server = make_server("127.0.0.1", int(port), get_wsgi_application(), Server, Quiet)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()

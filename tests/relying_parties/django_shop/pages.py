"""Two pages: the front door, and the account of who signed in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.urls import include, path
from django.utils.html import format_html

ACCOUNT = """
<p id="username">{}</p><p id="email">{}</p><p id="name">{}</p>
<form method="post" action="/oidc/logout/">
  <input type="hidden" name="csrfmiddlewaretoken" value="{}"><button>Sign out</button>
</form>
"""


def front(request):
    return HttpResponse("Welcome, stranger." if request.user.is_anonymous else "Welcome back.")


@login_required
def account(request):
    user = request.user
    return HttpResponse(format_html(ACCOUNT, user.username, user.email, user.get_full_name(), get_token(request)))


urlpatterns = [path("", front), path("account/", account), path("oidc/", include("mozilla_django_oidc.urls"))]

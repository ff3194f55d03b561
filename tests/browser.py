"""A browser without a screen: cookies, forms, uploads; for tests of real processes."""

import http.cookiejar
import urllib.parse
import urllib.request


class Browser:
    def __init__(self, portal):
        self.address = f"http://127.0.0.1:{portal.port}"
        self.cookies = http.cookiejar.CookieJar()
        keeping = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(keeping)

    def get(self, path):
        return self.opener.open(self.address + path, timeout=20).read().decode()

    def post(self, path, **form):
        data = urllib.parse.urlencode(form | {"csrfmiddlewaretoken": self.token()}).encode()
        return self._send(path, data, "application/x-www-form-urlencoded")

    def upload(self, path, name, content):
        head = "--x\r\nContent-Disposition: form-data; name="
        parts = [
            f'{head}"csrfmiddlewaretoken"\r\n\r\n{self.token()}\r\n'.encode(),
            f'{head}"file"; filename="{name}"\r\n\r\n'.encode(),
            content,
            b"\r\n--x--\r\n",
        ]
        return self._send(path, b"".join(parts), "multipart/form-data; boundary=x")

    def token(self):
        return next(cookie.value for cookie in self.cookies if cookie.name == "csrftoken")

    def _send(self, path, data, kind):
        """(status, path) of the page one comes to."""
        request = urllib.request.Request(self.address + path, data, {"Content-Type": kind})
        with self.opener.open(request, timeout=20) as answer:
            return answer.status, answer.url.removeprefix(self.address)

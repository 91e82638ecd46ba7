"""Which hosts are the org's own: what the settings say, or else what its first login said."""

import threading

from services.salesforce.hosts import is_instance, is_loopback, may_receive_token, names_an_org


class Home:
    """The org behind a login URL. Safe to share between threads.

    Where the login URL is the org's My Domain, or on loopback, it alone says which hosts are the
    org's. `login.salesforce.com`, `test.salesforce.com` and a login host of the deployer's own
    serve many orgs: there, what the first answer names is kept for as long as the process runs.
    That answer comes over TLS from the login host, and a later one that names another org is not
    believed, be it somebody's who got in between or a user's whose account is in another org. An
    org that is renamed meanwhile needs a restart.
    """

    def __init__(self, login_url: str) -> None:
        self.login_url = login_url
        self._lock = threading.Lock()
        self._first: str | None = None

    def owns(self, instance_url: str) -> bool:
        """Whether the org is at this origin, which may then be sent its tokens."""
        if may_receive_token(instance_url, self.login_url):
            return True
        if is_loopback(self.login_url) or names_an_org(self.login_url):
            return False
        with self._lock:
            if self._first is None and (names_an_org(instance_url) or is_instance(instance_url)):
                self._first = instance_url
            return self._first is not None and may_receive_token(instance_url, self._first)

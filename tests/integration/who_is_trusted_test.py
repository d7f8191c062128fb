"""Who is trusted: keys are asked for wherever they are set, go to nobody else, and lie where nobody else reads them."""

import base64
import http.client
import os
import shutil
import socket
import ssl
import stat
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import PROGRAM, get
from support.waiting import PATIENCE, free_port, wait_until

USERS = "users: {plant: longsecretkey}"
RIGHT, WRONG = ({"Authorization": "Basic " + base64.b64encode(pair).decode()}
                for pair in (b"plant:longsecretkey", b"plant:wrong"))


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=PATIENCE)


class Authority:
    """One that signs certificates for localhost."""

    def __init__(self, folder, name):
        self.folder, self.certificate, self.key = folder, folder / f"{name}.pem", folder / f"{name}.key"
        openssl("req", "-x509", *self._new_key(self.key), "-days", "2", "-subj", f"/CN={name}", "-out", self.certificate)

    def _new_key(self, path):
        return "-newkey", "rsa:2048", "-nodes", "-keyout", path

    def sign(self, name):
        certificate, key, request = (self.folder / f"{name}.{ending}" for ending in ("pem", "key", "csr"))
        openssl("req", *self._new_key(key), "-subj", "/CN=localhost", "-out", request)
        (self.folder / "extensions").write_text("subjectAltName=DNS:localhost\n")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", "2", "-extfile", self.folder / "extensions", "-out", certificate)
        return certificate, key


class TlsPeer:
    """Shakes hands on a free port and remembers what it was told, or why there was no handshake."""

    def __init__(self, certificate, key, ciphers=None):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        if ciphers:
            self._context.maximum_version = ssl.TLSVersion.TLSv1_2
            self._context.set_ciphers(ciphers)
        self.told, self.failures, self.ciphers = [], [], []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                connection = self._listener.accept()[0]
            except OSError:
                return
            connection.settimeout(PATIENCE)
            try:
                with self._context.wrap_socket(connection, server_side=True) as encrypted:
                    self.ciphers.append(encrypted.cipher()[0])
                    self.told.append(encrypted.recv(4096))
                    encrypted.sendall(b"HTTP/1.1 404 no\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            except OSError as failure:
                self.failures.append(str(failure))

    def close(self):
        self._listener.close()


class Trusted(BridgeTest):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="plotbridge-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def peer(self, *arguments, **options):
        peer = TlsPeer(*arguments, **options)
        self.addCleanup(peer.close)
        return peer

    def write(self, name, text, mode=0o600):
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def check(self, text):
        path = self.write("check.yaml", "version: 1\n" + text)
        run = subprocess.run([PROGRAM, "check", "-c", path], capture_output=True, text=True, timeout=PATIENCE)
        return run.returncode, run.stdout + run.stderr


class OnlyThisAuthority(Trusted):
    def setUp(self):
        super().setUp()
        self.good, self.other = (Authority(self.folder, name) for name in ("good", "other"))
        # The directory that libcurl was built with is the system's: another in its place for one process.
        self.system = self.folder / "system"
        self.system.mkdir()
        shutil.copy(self.other.certificate, self.system)
        openssl("rehash", self.system)

    def plots(self, port):
        config = self.write("plots.yaml", f"""version: 1
endpoint:
  url: "https://localhost:{port}"
  tls: {{ca: {self.good.certificate}}}
  rest: {{url: "https://localhost:{port}", username: plant, key: longsecretkey}}
streams: [{{name: s, token: tok}}]
plots: [{{name: p, traces: [{{stream: s}}]}}]
""")
        script = f'mount --bind {self.system} /etc/ssl/certs && exec "$0" plots -c {config}'
        run = subprocess.run(["unshare", "-m", "sh", "-c", script, PROGRAM], capture_output=True, text=True, timeout=60)
        if "unshare" in run.stderr or "mount" in run.stderr:
            self.skipTest("no mount namespace of its own: " + run.stderr)
        return run

    def test_gets_the_key_of_rest(self):
        impostor = self.peer(*self.other.sign("impostor"))
        self.assertEqual(self.plots(impostor.port).returncode, 69)
        self.assertEqual(impostor.told, [])
        right = self.peer(*self.good.sign("right"))
        self.plots(right.port)
        self.assertIn(b"GET /v2/files/lookup", right.told[0])

    def bridge(self, url, keys=""):
        trusted = {"SSL_CERT_FILE": str(self.other.certificate), "SSL_CERT_DIR": str(self.system)}
        return self.start_daemon(f"""version: 1
broker: {{url: "{url}", username: u, password: p, tls: {{ca: {self.good.certificate}{keys}}}}}
server: {{listen: "127.0.0.1:{free_port()}"}}
admin: {{listen: "127.0.0.1:{free_port()}"}}
streams: [{{name: s, token: tok}}]
routes: [{{topic: t, decode: {{type: number}}, stream: s}}]
""", environment=trusted)

    def test_gets_the_password_of_the_broker(self):
        impostor = self.peer(*self.other.sign("impostor"))
        self.bridge(f"mqtts://localhost:{impostor.port}").wait_for_log("broker not connected.*not trusted")
        self.assertEqual(impostor.told, [])
        right = self.peer(*self.good.sign("right"))
        self.bridge(f"mqtts://localhost:{right.port}")
        wait_until(lambda: right.told, "the right one is told who connects")

    def test_speaks_with_forward_secrecy_and_authenticated_encryption(self):
        certificate, key = self.good.sign("weak")
        for ciphers in ("AES128-SHA256", "ECDHE-RSA-AES128-SHA256", "AES128-GCM-SHA256"):
            with self.subTest(ciphers):
                weak = self.peer(certificate, key, ciphers=ciphers)
                self.assertEqual(self.plots(weak.port).returncode, 69)
                self.bridge(f"mqtts://localhost:{weak.port}").wait_for_log("broker not connected")
                self.assertEqual(weak.told, [])
                wait_until(lambda: "NO_SHARED_CIPHER" in "".join(weak.failures), "both were told why")
        strong = self.peer(certificate, key, ciphers="ECDHE-RSA-AES128-GCM-SHA256")
        self.bridge(f"mqtts://localhost:{strong.port}")
        wait_until(lambda: strong.told, "one of them is enough")

    def test_a_key_of_ours_that_others_may_read_is_not_used(self):
        certificate, key = self.good.sign("ours")
        right = self.peer(*self.good.sign("right"))
        daemon = self.bridge(f"mqtts://localhost:{right.port}", f", cert: {certificate}, key: {key}")
        wait_until(lambda: right.told, "the key is good")
        key.chmod(0o644)
        daemon.wait_for_log("broker not connected.*is a secret that every user of this machine may read")


class Files(Trusted):
    def test_that_hold_secrets_are_refused_when_others_may_read_or_change_them(self):
        self.write("key", "longsecretkey\n", 0o644)
        users = "server: {users: {plant: {file: key}}}\n"
        for mode in (0o644, 0o604, 0o602, 0o620, 0o662):
            (self.folder / "key").chmod(mode)
            code, told = self.check(users)
            self.assertEqual(code, 78, told)
            self.assertRegex(told, r":2:\d+: server\.users\.plant\.file: .*chmod")
        self.write("tokens.csv", "name,token\na,t\n", 0o644)
        code, told = self.check("streams: [{from_file: tokens.csv}]\n")
        self.assertEqual(code, 78, told)
        self.assertRegex(told, r":2:\d+: streams\[0\]\.from_file: .*chmod 600")

    def test_a_configuration_with_secrets_that_others_may_read_is_warned_of_once(self):
        port = free_port()
        config = self.write("open.yaml", f"version: 1\nserver: {{listen: '127.0.0.1:{port}', {USERS}}}\n"
                                         "streams: [{name: a, token: t0ken}]\n", 0o644)
        daemon = self.start_daemon(command=("serve", "-c", str(config)))
        daemon.wait_for_log("listening")
        self.assertEqual(daemon.log().count("chmod 640"), 1, daemon.log())
        self.assertIn("0644", daemon.log())
        self.assertNotIn("t0ken", daemon.log())

    def test_that_the_bridge_writes_are_its_own_whatever_the_umask_is(self):
        spool, state = self.folder / "spool", self.folder / "plots.db"
        config = self.write("bridge.yaml", f"""version: 1
broker: {{url: "{self.start_broker().url}", client_id: gw}}
server: {{listen: "127.0.0.1:{free_port()}", state: {state}}}
admin: {{listen: "127.0.0.1:{free_port()}"}}
spool: {{directory: {spool}}}
streams: [{{name: s, token: tok}}]
routes: [{{topic: t, decode: {{type: number}}, stream: s}}]
""")
        mask = os.umask(0)
        try:
            daemon = self.start_daemon(command=("run", "-c", str(config)))
        finally:
            os.umask(mask)
        daemon.wait_for_log("broker connected")
        wait_until(lambda: (spool / "spool.identity").exists(), "the spool is there")
        for path in [spool, *spool.rglob("*"), *self.folder.glob("plots.db*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            self.assertEqual(mode, 0o700 if path.is_dir() else 0o600, f"{path} {mode:o}")


class Keys(Trusted):
    def serve(self, host="127.0.0.1", server=""):
        port = free_port()
        config = self.write("serve.yaml", f"version: 1\nserver: {{idle_timeout: 60s{server}}}\n")
        daemon = self.start_daemon(command=("serve", "-c", str(config)), arguments=("--listen", f"{host}:{port}"))
        return daemon, port

    def test_are_asked_for_on_loopback_too(self):
        daemon, port = self.serve(server=", " + USERS)
        daemon.wait_for_log("listening")
        page = f"http://127.0.0.1:{port}"
        for path in ("/", "/api/plots", "/v2/users/current", "/apigetfile/plant/1"):
            self.assertEqual(get(page + path)[0], 401, path)
            self.assertEqual(get(page + path, {"X-Forwarded-For": "198.51.100.7"})[0], 401, path)
        self.assertEqual(get(page + "/api/plots", RIGHT)[0], 200)

    def test_are_sent_by_our_own_commands(self):
        port = free_port()
        config = self.write("plots.yaml", f"""version: 1
server: {{listen: "127.0.0.1:{port}", {USERS}}}
streams: [{{name: s, token: tok}}]
plots: [{{name: p, traces: [{{stream: s}}]}}]
""")
        self.start_daemon(command=("serve", "-c", str(config))).wait_for_log("listening")
        run = subprocess.run([PROGRAM, "plots", "-c", config], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(run.stdout, f"p\thttp://127.0.0.1:{port}/plots/1\n", run.stderr)

    def test_that_are_wrong_are_answered_late_and_told_and_the_right_one_at_once(self):
        daemon, port = self.serve(server=", " + USERS)
        daemon.wait_for_log("listening")
        late = []
        for _ in range(30):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            self.addCleanup(connection.close)
            connection.request("GET", "/v2/users/current", headers=WRONG)
            late.append(connection)
        daemon.wait_for_log(r'"?wrong key"? user=plant from=127\.0\.0\.1:\d+')
        self.assertEqual(get(f"http://127.0.0.1:{port}/v2/users/current", RIGHT)[0], 200)
        started = time.monotonic()
        self.assertEqual([connection.getresponse().status for connection in late[:12]], [401] * 12)
        self.assertLess(time.monotonic() - started, PATIENCE)
        self.assertLess(daemon.log().count("wrong key"), 12, daemon.log())
        self.assertNotIn("longsecretkey", daemon.log())

    def test_a_proxy_that_brings_strangers_is_warned_of_once(self):
        daemon, port = self.serve()
        daemon.wait_for_log("listening")
        for _ in range(3):
            self.assertEqual(get(f"http://127.0.0.1:{port}/api/plots", {"X-Forwarded-For": "198.51.100.7"})[0], 200)
        daemon.wait_for_log("a proxy brings requests here")
        self.assertEqual(daemon.log().count("a proxy brings"), 1)

    def test_changes_by_rest_are_told_with_who_made_them(self):
        daemon, port = self.serve(server=", " + USERS)
        daemon.wait_for_log("listening")
        body = '{"filename": "line 1\\nforged", "figure": {"data": []}}'
        for method, path in (("POST", "/v2/plots"), ("PUT", "/v2/plots/plant:1"), ("DELETE", "/v2/plots/plant:1")):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request(method, path, body, RIGHT)
            self.assertLess(connection.getresponse().status, 300)
            connection.close()
        for change in ("made", "replaced", "deleted"):
            daemon.wait_for_log(rf'plot {change} by REST.* id=1 user=plant from=127\.0\.0\.1:\d+')
        self.assertFalse(any(line.startswith("forged") for line in daemon.log().splitlines()))

    def test_an_address_of_the_command_line_decides_who_is_let_in(self):
        name = socket.gethostname()  # no loopback name, so strangers might come
        try:
            socket.getaddrinfo(name, 1)
        except OSError:
            self.skipTest("this machine does not know its own name")
        daemon, port = self.serve(name)
        daemon.wait_for_log("listening")
        connection = http.client.HTTPConnection(name, port, timeout=PATIENCE)
        connection.request("POST", "/", '{"x": 1, "y": 2}\n', {"plotly-streamtoken": "madeupbystranger"})
        self.assertEqual(connection.getresponse().status, 404)
        connection.close()
        daemon, _ = self.serve(name, server=", " + USERS)
        self.assertEqual(daemon.wait(), 78)
        self.assertIn("allow_plaintext", daemon.log())


if __name__ == "__main__":
    unittest.main()

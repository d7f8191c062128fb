"""nginx, haproxy and Caddy before an endpoint, as their users set them up for streams; each a process of the test's own."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from support.waiting import PATIENCE, free_port, listens, wait_until

NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 0;
    client_body_timeout 1h;
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_read_timeout 1h;
    }}
  }}
}}
"""
HAPROXY = """
global
  maxconn 500
defaults
  mode http
  retries 0
  timeout connect 2s
  timeout client 1h
  timeout server 1h
frontend streams
  bind 127.0.0.1:{port}
  default_backend endpoint
backend endpoint
  server only 127.0.0.1:{behind}
"""


# As a Caddyfile of two lines: it holds answers back until they end.
CADDY = """
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  reverse_proxy 127.0.0.1:{behind}
}}
"""


class Proxy:
    """Listens on a free port of loopback once `start` returned."""

    def __init__(self, program, arguments, config, behind):
        path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
        if not path:
            raise AssertionError(f"{program} is missing: deploy/install-dependencies.sh test")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        file = folder / "proxy.conf"
        file.write_text(config.format(folder=folder, port=self.port, behind=behind.port))
        self._argv = [path, *[argument.format(folder=folder, file=file) for argument in arguments]]
        self._log_path = folder / "log"
        self._process = None

    def start(self):
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(self._argv, stdout=log, stderr=log)
        wait_until(lambda: self._process.poll() is not None or listens(self.port), "the proxy listens")
        if self._process.poll() is not None:
            raise AssertionError(f"{self._argv[0]} ended:\n{self._log_path.read_text(errors='replace')}")
        return self

    def close(self):
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(timeout=2)
            except subprocess.TimeoutExpired:  # Caddy waits for its connections
                self._process.kill()
                self._process.wait(timeout=PATIENCE)
        self._folder.cleanup()


def nginx(behind):
    return Proxy("nginx", ["-e", "stderr", "-p", "{folder}", "-c", "{file}"], NGINX, behind)


def caddy(behind):
    return Proxy("caddy", ["run", "--adapter", "caddyfile", "--config", "{file}"], CADDY, behind)


def haproxy(behind):
    return Proxy("haproxy", ["-db", "-f", "{file}"], HAPROXY, behind)

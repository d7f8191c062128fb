// Requests as clients of the endpoint send them, for a fuzzer to mix; each without its body.
#pragma once

#include <array>
#include <string_view>

namespace plotbridge {

/// Whole heads.
inline constexpr std::array<std::string_view, 18> kHeads = {
    "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\nTransfer-Encoding: "
    "chunked\r\nHost: 127.0.0.1\r\nplotly-streamtoken: abcdefghij\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nplotly-streamtoken: "
    "bbbbbbbbbb\r\nplotly-convertTimestamp: \"Europe/Berlin\"\r\nUser-Agent: Arduino\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nplotly-streamtoken: "
    "abcdefghij\r\nStream-Producer: 9f0c\r\nStream-Epoch: 1\r\nStream-Seq: 0\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nplotly-streamtoken: "
    "abcdefghij\r\nStream-Producer: 9f0c\r\nStream-Epoch: 2\r\nStream-Seq: 3\r\nStream-Connect: "
    "polite\r\nExpect: 100-continue\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: localhost\r\nplotly-streamtoken: abcdefghij\r\nStream-Producer: "
    "9f0c\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n",
    "GET /api/plots HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
    "cGxhbnQ6YXBpa2V5MTIzNA==\r\n\r\n",
    "GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
    "cGxhbnQ6YXBpa2V5MTIzNA==\r\n\r\n",
    "GET /api/plots/1/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 1-1\r\n\r\n",
    "GET /api/plots/1 HTTP/1.0\r\nAuthorization: Basic cGxhbnQ6YXBpa2V5MTIzNA==\r\n\r\n",
    "GET /v2/plots/1/content HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
    "cGxhbnQ6YXBpa2V5MTIzNA==\r\n\r\n",
    "GET /v2/plots/1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
    "cGxhbnQ6d3Jvbmc=\r\n\r\n",
    "GET /apigetfile/plant/1 HTTP/1.1\r\nHost: localhost\r\nplotly-username: "
    "plant\r\nplotly-apikey: apikey1234\r\n\r\n",
    "DELETE /v2/plots/1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
    "cGxhbnQ6YXBpa2V5MTIzNA==\r\n\r\n",
    "GET /api/plots HTTP/1.1\r\nHost: evil.example\r\nOrigin: "
    "http://evil.example\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n",
    "GET /plots/1 HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nIf-None-Match: "
    "\"x\"\r\n\r\n",
    "GET /plotly.js HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /plotly.js HTTP/1.0\r\nHost: localhost\r\n\r\n"};

/// Heads to which a length is added.
inline constexpr std::array<std::string_view, 8> kHeadsOfBodies = {
    "POST /v2/grids HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
    "cGxhbnQ6YXBpa2V5MTIzNA==\r\n",
    "POST /v2/plots HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
    "cGxhbnQ6YXBpa2V5MTIzNA==\r\n",
    "PUT /v2/plots/plant:1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
    "cGxhbnQ6YXBpa2V5MTIzNA==\r\n",
    "PATCH /v2/plots/1 HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nAuthorization: "
    "Basic cGxhbnQ6YXBpa2V5MTIzNA==\r\n",
    "POST /clientresp HTTP/1.1\r\nHost: plot.ly\r\nContent-Type: "
    "application/x-www-form-urlencoded\r\n",
    "POST / HTTP/1.0\r\nplotly-streamtoken: abcdefghij\r\n",
    "POST / HTTP/1.1\r\nHost: localhost\r\nplotly-streamtoken: abcdefghij\r\nStream-Producer: "
    "9f0c\r\nStream-Epoch: 1\r\nStream-Seq: 0\r\n",
    "POST /v2/grids HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic cGxhbnQ6d3Jvbmc=\r\n"};

}  // namespace plotbridge

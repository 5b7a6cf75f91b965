#include "okcurl/help.hpp"

#include <okhttp/version.hpp>

#include <sys/utsname.h>

namespace okcurl {

std::string help_text() {
  return R"(Usage: okcurl [options...] <url>...

The request
 -X, --request <method>       Send this method, also after a redirect
 -H, --header <line|@file>    Add "Name: value"; "Name:" removes a default header, "Name;" sends an empty one
 -d, --data <data|@file>      POST this; several are joined by '&'; @- is standard input; line ends of a file go
     --data-binary <data|@file>  The same, the file as it is
     --data-raw <data>        The same, '@' means nothing
     --data-urlencode <data>  The same, percent-encoded: content, =content, name=content, @file, name@file
 -G, --get                    Put the data into the URL's query and GET
 -I, --head                   HEAD: show the header only
 -A, --user-agent <name>      User-Agent
 -e, --referer <url>          Referer; "url;auto" or ";auto" sets it to the page before when redirected
 -u, --user <name:password>   Who to be: Basic authentication, unless one of the next says otherwise
     --basic, --digest        Authenticate by that scheme, or both: by the stronger one that is asked for
     --anyauth                The same as both
     --oauth2-bearer <token>  Show this bearer token
 -b, --cookie <data|file>      Send these cookies, "name=value; n2=v2"; without a '=' it is a file to read cookies
                              from, and those that are received are kept; "" is no file
 -c, --cookie-jar <file>      Write all cookies to this file at the end; - is standard output
 -j, --junk-session-cookies   Do not take session cookies from the files
 -r, --range <range>          Only these bytes, as 0-99
 -C, --continue-at <offset>   Only what comes from that byte on, written behind what the file has; "-": from where the
                              file ends
     --compressed             Ask for a compressed answer and decompress it

The answer
 -L, --location               Follow redirects
     --max-redirs <number>    At most that many, 50 unless set; -1 means without end
 -o, --output <file>          Write to a file; the first -o or -O is for the first URL, and so on
 -O, --remote-name            Write to a file named as the last part of the URL's path
     --remote-name-all        -O for each URL that has no -o or -O of its own
     --output-dir <folder>    Where the files of -o and -O go
     --create-dirs            Create the folders that they need
 -i, --include                Show the headers too
 -f, --fail                   Exit with 22 instead of showing a page of a code from 400 on
 -N, --no-buffer              Write what arrives at once, which is always done

The connection
 -k, --insecure               Do not verify the server's certificate
     --cacert <file>          Trust the certificates in this PEM file instead of the system's
     --tlsv1.0, --tlsv1.1, --tlsv1.2, --tlsv1.3  Use that version of TLS or a newer one, 1.2 unless set
     --tls-max <version>      Use no newer version: 1.0, 1.1, 1.2, 1.3 or default
     --ciphers <list>         Cipher suites for TLS 1.2 and before, in OpenSSL's language
     --tls13-ciphers <list>   Cipher suites for TLS 1.3, by colons
     --pinnedpubkey <hashes>  Accept only servers with one of these keys: sha256//BASE64;sha256//..., or a file
 -x, --proxy <[protocol://]host[:port]>  Go through this proxy: http (the default), https, socks4, socks4a, socks5,
                              socks5h; port 1080 unless set, with https 443; "" means none at all
 -U, --proxy-user <name:password>  Who to be to the proxy
     --proxy-basic, --proxy-digest, --proxy-anyauth  How to prove it to an HTTP proxy
     --socks4 <host[:port]>   The same as -x socks4://..., and so on
     --socks4a, --socks5, --socks5-hostname <host[:port]>
     --noproxy <list>         Hosts and networks to reach without a proxy, by commas; "*" is all
     --resolve <host:port:address,...>  Use these addresses for that host and port; * is every other host; -host:port
                              takes it back
     --doh-url <url>          Resolve names by DNS over HTTPS
     --doh-insecure           Do not verify the certificate of that server
 -4, --ipv4                   Use the IPv4 addresses of names alone
 -6, --ipv6                   Use the IPv6 addresses of names alone
     --interface <name>       Dial through this network interface, or from this address of ours
     --unix-socket <path>     Connect to this Unix domain socket, whatever the URL's host
     --cache <folder>         Keep answers in this folder, and use them as long as HTTP allows
     --cache-size <bytes>     At most that many, with K, M or G; 100M unless set
     --cache-stats            Tell at the end, on standard error, what the cache was good for
     --offline                With --cache: use what is there, however old, and never the network
     --http1.1                Use HTTP/1.1
     --http2                  Use HTTP/2 where TLS negotiates it, which is the default
     --http2-prior-knowledge  Use HTTP/2 in clear text without asking
     --limit-rate <bytes>     No more bytes a second than that, with K, M or G, each way
     --retry <number>         Try again so many times after a time-out, a name that was not found, or the codes 408, 429,
                              500, 502, 503, 504; after Retry-After, or else after a second, and twice as long each time
     --retry-delay <seconds>  Always after so long
     --retry-max-time <seconds>  No more tries that would begin after so long
     --retry-connrefused      Also when the connection was refused
     --retry-all-errors       Also after every other failure
 -m, --max-time <seconds>     The longest time for one try of a transfer
     --connect-timeout <seconds>  The longest time until connected, names and TLS included

The program
 -v, --verbose                Tell what happens, on standard error. Values that prove who you are, those of
                              Authorization, Cookie and the like, are shown as <redacted>
 -s, --silent                 No progress and no error messages
 -S, --show-error             With -s: error messages all the same
 -g, --globoff                Take [] and {} in URLs as they are; without it they are refused
     --url <url>              A URL
     --fail-early             Stop at the first URL that fails
 -Z, --parallel               Transfer all URLs side by side, with one line of progress
     --parallel-max <number>  At most so many at once: 1 to 300, 50 unless set
     --parallel-immediate     Connect for each at once, instead of sharing a connection that is being made
     --no-<option>            Turn an option without a value off again
 -h, --help                   This text
 -V, --version                The version

Exit codes are curl's: 0 done, 2 usage, 3 URL, 5 proxy's name, 6 name, 7 connect, 18 partial, 22 code from 400 on
with -f, 23 write, 26 read, 28 time, 33 -C, 35 TLS, 45 interface, 47 redirects, 49 --resolve, 52 empty reply, 55 send,
56 receive, 59 ciphers, 60 certificate, 61 coding, 97 SOCKS.
)";
}

std::string version_text() {
  // Curl's names in curl's order, which is that of the alphabet.
  std::string features = "AsynchDNS HTTP2 HTTPS-proxy IDN IPv6 Largefile libz SSL";
#ifdef OKCURL_HAS_BROTLI
  features.insert(features.find("HTTP2"), "brotli ");
#endif
#ifdef OKCURL_HAS_ZSTD
  features += " zstd";
#endif
  const std::string version(okhttp::kVersion);
  utsname system{};
  std::string platform = "unknown";
  if (uname(&system) == 0) platform = std::string(system.machine) + "-" + system.sysname;
  return "okcurl " + version + " (" + platform + ") okhttp-cpp/" + version +
         "\n"
         "Protocols: http https\n"
         "Features: " +
         features + "\n";
}

}  // namespace okcurl

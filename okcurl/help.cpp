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
 -u, --user <name:password>   Basic authentication
 -r, --range <range>          Only these bytes, as 0-99
     --compressed             Ask for a compressed answer and decompress it

The answer
 -L, --location               Follow redirects
     --max-redirs <number>    At most that many, 50 unless set; -1 means without end
 -o, --output <file>          Write to a file; the first -o or -O is for the first URL, and so on
 -O, --remote-name            Write to a file named as the last part of the URL's path
 -i, --include                Show the headers too
 -f, --fail                   Exit with 22 instead of showing a page of a code from 400 on
 -N, --no-buffer              Write what arrives at once, which is always done

The connection
 -k, --insecure               Do not verify the server's certificate
     --cacert <file>          Trust the certificates in this PEM file instead of the system's
     --http1.1                Use HTTP/1.1
     --http2                  Use HTTP/2 where TLS negotiates it, which is the default
     --http2-prior-knowledge  Use HTTP/2 in clear text without asking
 -m, --max-time <seconds>     The longest time for a whole transfer
     --connect-timeout <seconds>  The longest time until connected, names and TLS included

The program
 -v, --verbose                Tell what happens, on standard error. Values that prove who you are, those of
                              Authorization, Cookie and the like, are shown as <redacted>
 -s, --silent                 No progress and no error messages
 -S, --show-error             With -s: error messages all the same
 -g, --globoff                Take [] and {} in URLs as they are; without it they are refused
     --url <url>              A URL
     --no-<option>            Turn an option without a value off again
 -h, --help                   This text
 -V, --version                The version

Exit codes are curl's: 0 done, 2 usage, 3 URL, 6 name, 7 connect, 18 partial, 22 code from 400 on with -f,
23 write, 26 read, 28 time, 35 TLS, 47 redirects, 52 empty reply, 55 send, 56 receive, 60 certificate, 61 coding.
)";
}

std::string version_text() {
  const std::string version(okhttp::kVersion);
  utsname system{};
  std::string platform = "unknown";
  if (uname(&system) == 0) platform = std::string(system.machine) + "-" + system.sysname;
  return "okcurl " + version + " (" + platform + ") okhttp-cpp/" + version +
         "\n"
         "Protocols: http https\n"
         "Features: AsynchDNS HTTP2 IDN IPv6 Largefile libz SSL\n";
}

}  // namespace okcurl

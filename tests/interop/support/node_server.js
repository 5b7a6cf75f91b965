// Serves what RealServer promises of every server, and what no other server can be told to do. Started with the name of
// a JSON file that says where to listen.
'use strict';

const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const http2 = require('http2');
const https = require('https');
const path = require('path');
const zlib = require('zlib');

const config = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const small = fs.readFileSync(path.join(config.documents, '1k'));
const text = fs.readFileSync(path.join(config.documents, 'text'));
const seen = new Map();  // the values of X-Id that /once was asked with, and how often

const limits = {maxSendHeaderBlockLength: 262144};  // for /big-headers; the default of HTTP/2 is 64 KiB
const sessions = new Set();  // the HTTP/2 connections
let gathered = [];           // answers that /gather holds back

function scheme(request) {
  return request.socket.encrypted ? 'https' : 'http';
}

function redirect(response, code, location) {
  response.writeHead(code, {Location: location});
  response.end();
}

function redirectWithCookies(response, cookies, location) {
  response.setHeader('Set-Cookie', cookies);
  redirect(response, 302, location);
}

function sendFile(request, response, name) {
  const file = path.join(config.documents, name);
  const size = fs.statSync(file).size;
  const headers = {'Accept-Ranges': 'bytes', 'Content-Type': 'application/octet-stream'};
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range || '');
  let first = 0;
  let last = size - 1;
  if (range && (range[1] || range[2])) {
    first = range[1] ? Number(range[1]) : Math.max(0, size - Number(range[2]));
    last = range[1] && range[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
    if (first > last) {
      response.writeHead(416, {'Content-Range': `bytes */${size}`, 'Content-Length': 0});
      response.end();
      return;
    }
    headers['Content-Range'] = `bytes ${first}-${last}/${size}`;
  }
  headers['Content-Length'] = last - first + 1;
  response.writeHead(headers['Content-Range'] ? 206 : 200, headers);
  if (request.method === 'HEAD') {
    response.end();
  } else {
    fs.createReadStream(file, {start: first, end: last}).pipe(response);
  }
}

function whole(request, take) {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => take(Buffer.concat(pieces)));
}

function upload(request, response) {
  const file = path.join(config.uploads, path.basename(request.url));
  if (request.method === 'DELETE') {
    fs.unlinkSync(file);
    response.writeHead(204);
    response.end();
    return;
  }
  const out = fs.createWriteStream(file);
  request.pipe(out);
  out.on('finish', () => {
    response.writeHead(201);
    response.end();
  });
}

// A piece of the body every few milliseconds.
function slowly(response, pieces) {
  response.writeHead(200, {'Content-Type': 'text/plain'});
  let left = pieces;
  const timer = setInterval(() => {
    response.write('piece\n');
    if (--left === 0) {
      clearInterval(timer);
      response.end();
    }
  }, 5);
}

// The answer breaks off: over HTTP/1.1 with its connection, over HTTP/2 alone.
function breakOff(response) {
  if (response.stream) {
    response.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
  } else {
    response.socket.destroy();
  }
}

// The server's own HTTP is bypassed: these bytes, then the end of the connection.
function raw(response, head, body) {
  response.socket.end(Buffer.concat([Buffer.from(head.replace(/\n/g, '\r\n') + '\r\n'), body || Buffer.alloc(0)]));
}

const routes = {
  '/1k': (request, response) => sendFile(request, response, '1k'),
  '/64m': (request, response) => sendFile(request, response, '64m'),
  '/text': (request, response) => {
    const packed = /\bgzip\b/.test(request.headers['accept-encoding'] || '');
    const body = packed ? zlib.gzipSync(text) : text;
    const headers = {'Content-Type': 'text/plain', 'Content-Length': body.length, Vary: 'Accept-Encoding'};
    if (packed) headers['Content-Encoding'] = 'gzip';
    response.writeHead(200, headers);
    response.end(request.method === 'HEAD' ? undefined : body);
  },
  '/chunked': (request, response) => {
    for (let at = 0; at < text.length; at += 7777) response.write(text.subarray(at, at + 7777));
    response.end();
  },
  '/until-close': (request, response) => {
    response.useChunkedEncodingByDefault = false;
    response.removeHeader('Transfer-Encoding');
    response.shouldKeepAlive = false;
    response.write(text);
    response.end();
  },
  '/redirect': (request, response) => redirect(response, 302, '/1k'),
  '/absolute-redirect': (request, response) =>
      redirect(response, 302, `${scheme(request)}://${request.authority || request.headers.host}/1k`),
  '/redirect-308': (request, response) => redirect(response, 308, '/discard'),
  '/redirect-307-echo': (request, response) => redirect(response, 307, '/echo'),
  '/redirect-303-echo': (request, response) => redirect(response, 303, '/echo'),
  '/loop': (request, response) => redirect(response, 302, '/loop'),
  '/to-https': (request, response) => redirect(response, 301, `https://localhost:${config.https}/1k`),
  '/to-http': (request, response) => redirect(response, 301, `http://localhost:${config.http}/1k`),
  '/close': (request, response) => {
    response.setHeader('Connection', 'close');
    response.end(small);
  },
  '/big-headers': (request, response) => {
    for (let i = 0; i < 100; ++i) response.setHeader(`X-Big-${i}`, String.fromCharCode(97 + i % 26).repeat(1000));
    response.end('big');
  },
  '/discard': (request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(204);
      response.end();
    });
  },
  '/http10/1k': (request, response) => raw(response, 'HTTP/1.0 200 OK\nContent-Length: 1024\n', small),
  '/http10/until-close': (request, response) => raw(response, 'HTTP/1.0 200 OK\n', text),

  // What was asked, told as text: the method, the head, the body.
  '/echo': (request, response) => whole(request, (body) => {
    response.writeHead(200, {
      'Content-Type': request.headers['content-type'] || 'text/plain',
      'X-Method': request.method,
      'X-Framing': request.headers['transfer-encoding'] || `length ${request.headers['content-length']}`,
      'Content-Length': body.length,
    });
    response.end(body);
  }),
  '/sha256': (request, response) => {
    const hash = crypto.createHash('sha256');
    request.on('data', (piece) => hash.update(piece));
    request.on('end', () => response.end(hash.digest('hex')));
  },
  '/header-bytes': (request, response) => response.end(String(request.rawHeaders.join('').length)),
  '/trailers': (request, response) => {
    response.writeHead(200, {Trailer: 'X-Sum'});
    response.write('with ');
    response.write('trailers');
    response.addTrailers({'X-Sum': crypto.createHash('sha256').update('with trailers').digest('hex')});
    response.end();
  },
  '/early-hints': (request, response) => {
    response.writeEarlyHints({link: '</style.css>; rel=preload'});
    if (response.stream) {
      response.stream.additionalHeaders({':status': 102});
    } else {
      response.writeProcessing();
    }
    response.writeEarlyHints({link: '</code.js>; rel=preload'});
    response.end('hinted');
  },
  '/slow': (request, response) => slowly(response, 50),
  '/stall-head': () => {},
  '/stall-body': (request, response) => {
    response.writeHead(200, {'Content-Length': 100});
    response.write('part');
  },
  '/truncated': (request, response) => {
    response.writeHead(200, {'Content-Length': 100});
    response.write('part', () => breakOff(response));
  },
  '/truncated-chunked': (request, response) => response.write('part', () => breakOff(response)),
  // Answers nobody before as many have asked as X-Count says, then all of them: over how many connections they came.
  '/gather': (request, response) => {
    gathered.push(response);
    if (gathered.length < Number(request.headers['x-count'])) return;
    const connections = new Set(gathered.map((one) => one.stream.session)).size;
    for (const one of gathered) one.end(String(connections));
    gathered = [];
  },
  // Answers the first requests of an X-Id with the codes of X-Codes, one each, and those after them well.
  '/codes': (request, response) => {
    const id = request.headers['x-id'];
    const number = seen.get(id) || 0;
    seen.set(id, number + 1);
    const code = request.headers['x-codes'].split(',')[number];
    const wait = request.headers['x-retry-after'];
    whole(request, (body) => {
      response.writeHead(Number(code || 200), wait ? {'Retry-After': wait} : {});
      response.end(code ? '' : 'well ' + body);
    });
  },
  // Three redirects, each of which sets a cookie and adds to one; at the end the cookies that came.
  '/cookies': (request, response) => redirectWithCookies(response, ['a=1; Path=/', 'path=x; Path=/elsewhere'], '/cookies-2'),
  '/cookies-2': (request, response) => redirectWithCookies(response, ['b=2', 'a=3; Path=/'], '/cookies-3'),
  '/cookies-3': (request, response) => redirectWithCookies(response, ['b=; Max-Age=0', 'c=4'], '/cookies-4'),
  '/cookies-4': (request, response) => response.end(request.headers.cookie || 'none'),
  '/once': (request, response) => {
    const id = request.headers['x-id'];
    seen.set(id, (seen.get(id) || 0) + 1);
    whole(request, (body) => response.end(body));
  },
  // How often that was asked.
  '/once-count': (request, response) => response.end(String(seen.get(request.headers['x-id']) || 0)),
};

function serve(request, response) {
  const name = request.url.split('?')[0];
  if (name.startsWith('/upload/')) {
    upload(request, response);
  } else if (routes[name]) {
    routes[name](request, response);
  } else {
    response.writeHead(404, {'Content-Type': 'text/plain'});
    response.end('nothing here\n');
  }
}

function tls(name) {
  return {cert: fs.readFileSync(config[name ? name + '_certificate' : 'certificate']),
          key: fs.readFileSync(config[name ? name + '_key' : 'key'])};
}

// Node would say in each answer how long it keeps an idle connection; 0 is for ever and is not said.
function listen(server, port) {
  server.keepAliveTimeout = 0;
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  return server;
}

// Closes a connection about when the next request may come, in turns in an orderly way and with a reset.
function closeWhenIdle(server) {
  let turn = 0;
  server.on('request', (request, response) => {
    // What is shared by the requests of one connection. HTTP/2 allows no more than looking at the socket.
    const socket = request.stream ? request.stream.session : request.socket;
    socket.requests = (socket.requests || 0) + 1;
    const number = socket.requests;
    const close = () => {
      if (socket.requests !== number || socket.destroyed) return;
      if (request.stream) {
        if (turn % 2) {
          socket.close();
        } else {
          socket.destroy();
        }
      } else if (turn % 2 || socket.encrypted) {
        socket.end();
      } else {
        socket.resetAndDestroy();
      }
    };
    response.on('finish', () => {
      turn += 1;
      if (turn % 3 === 0) {
        setImmediate(close);
      } else if (turn % 3 === 1) {
        setTimeout(close, 1);
      }
    });
  });
  return server;
}

// Notes the connections of HTTP/2.
function withSessions(server) {
  server.on('session', (session) => {
    sessions.add(session);
    session.on('close', () => sessions.delete(session));
  });
  return server;
}

// HTTP/2 by ALPN, else HTTP/1.1.
function secureServer() {
  return withSessions(http2.createSecureServer({allowHTTP1: true, ...limits, ...tls()}, serve));
}

// Lets go of a connection after that many requests, as nginx does.
function goesAway(server, requests) {
  server.on('stream', (stream) => {
    const session = stream.session;
    session.requests = (session.requests || 0) + 1;
    if (session.requests === requests) session.close();
  });
  return server;
}

listen(http.createServer(serve), config.http);
listen(secureServer(), config.https);
listen(withSessions(http2.createServer(limits, serve)), config.h2c);
listen(goesAway(secureServer(), 100), config.goes_away);
listen(https.createServer(tls('other'), serve), config.other_name);
listen(closeWhenIdle(http.createServer(serve)), config.idle_close);
listen(closeWhenIdle(secureServer()), config.idle_close_tls);
config.closes_after.forEach((port, index) => {
  listen(http.createServer(serve), port).maxRequestsPerSocket = index + 1;
});
process.on('SIGHUP', () => sessions.forEach((session) => session.close()));
process.on('SIGTERM', () => process.exit(0));

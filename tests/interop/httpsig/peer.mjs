// Signs and verifies with http-message-signatures, structured-headers and jose what ingam-transaction verifies and signs.
//
//     node peer.mjs PEER
import { spawn } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync, sign as rawSign, verify as rawVerify, constants } from 'node:crypto';
import { createInterface } from 'node:readline';
import { httpbis, createSigner, createVerifier } from 'http-message-signatures';
import { CompactSign, FlattenedSign, compactVerify, flattenedVerify, importJWK } from 'jose';
import { parseDictionary, parseItem, serializeDictionary, serializeItem } from 'structured-headers';

const peer = spawn(process.argv[2], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();
const NOW = Math.floor(Date.now() / 1000);
const URL_ = 'https://bank.example/accounts/a-1/transactions?from=2026-01-01&to=x';
const BODY = '{"payee":"Kim","amount":{"currency":"KRW","minor":150000}}';
let cases = 0;

async function ask(command) {
  peer.stdin.write(JSON.stringify({ now: NOW, ...command }) + '\n');
  return JSON.parse((await lines.next()).value);
}

function expect(name, got, wanted) {
  cases += 1;
  if (JSON.stringify(got) !== JSON.stringify(wanted)) {
    console.log(`FAILED ${name}: got ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`);
    process.exit(1);
  }
  console.log(`ok ${name}`);
}

const NAMES = { ES256: 'ecdsa-p256-sha256', EdDSA: 'ed25519' };
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

function makeKey(alg) {
  const made = { ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), EdDSA: () => generateKeyPairSync('ed25519'), PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }) }[alg]();
  const kid = `node-${alg.toLowerCase()}`;
  const jwk = { ...made.publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  const privateJwk = { ...made.privateKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };
  // PS256 is in no registry of RFC 9421; section 3.3.7 lets it be used without `alg`.
  const signer = NAMES[alg]
    ? createSigner(made.privateKey, NAMES[alg], kid)
    : { id: kid, sign: async (data) => rawSign('sha256', data, { key: made.privateKey, ...PSS }) };
  const verify = NAMES[alg]
    ? createVerifier(made.publicKey, NAMES[alg])
    : async (data, signature) => rawVerify('sha256', data, { key: made.publicKey, ...PSS }, signature);
  return { alg, kid, jwk, privateJwk, signer, verify };
}

const digest = (body) => `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
const list = (headers) => Object.entries(headers).flatMap(([name, value]) => [value].flat().map((line) => [name.toLowerCase(), line]));
const plain = (pairs) => Object.fromEntries(pairs.map(([name, value]) => [name.toLowerCase(), value]));
const wire = (message) => ({ ...message, headers: list(message.headers) });

async function nodeSigns(message, key, fields, tag, request) {
  if (message.body) message.headers['content-digest'] = digest(message.body);
  const params = ['keyid', 'created', 'nonce', ...(NAMES[key.alg] ? ['alg'] : []), 'tag'];
  const config = { key: key.signer, name: 'sig1', fields, params, paramValues: { created: new Date(NOW * 1000), nonce: Math.random().toString(36), tag } };
  return { ...message, ...(await httpbis.signMessage(config, message, request)) };
}

async function nodeVerifies(message, key, request) {
  return httpbis.verifyMessage({ keyLookup: async ({ keyid }) => (keyid === key.kid ? { id: key.kid, verify: key.verify } : null), all: true, tolerance: 5 }, message, request);
}

const PROFILES = {
  'fapi-2-http-signatures': {
    tags: ['fapi-2-request', 'fapi-2-response'],
    headers: { authorization: 'DPoP abc.def.ghi', dpop: 'eyJ0.eyJq.c2ln', 'content-type': 'application/json' },
    covers: ['@method', '@target-uri', 'authorization', 'dpop', 'content-digest'],
  },
  korea: {
    tags: ['ingam-korea-request', 'ingam-korea-response'],
    headers: { authorization: 'Bearer abc.def.ghi', 'x-api-tran-id': 'M2026', 'content-type': 'application/json' },
    covers: ['@method', '@target-uri', 'authorization', 'x-api-tran-id', 'content-type', 'content-digest'],
  },
};
const ANSWER = ['@status', 'content-digest', '"@method";req', '"@target-uri";req', '"content-digest";req', '"signature";req', '"signature-input";req'];

async function bothDirections(profile, key) {
  const row = PROFILES[profile];
  const [tag, answerTag] = row.tags;
  const call = (method, body) => ({ method, url: URL_, headers: { ...row.headers }, body });
  for (const [method, body] of [['POST', BODY], ['GET', '']]) {
    const name = `${profile} ${key.alg} ${method}`;
    const fields = row.covers.filter((field) => body || field !== 'content-digest');
    let request = await nodeSigns(call(method, body), key, fields, tag);
    expect(`${name}: node signs`, await ask({ do: 'check', profile, keys: [key.jwk], request: wire(request) }), { ok: true });
    const answer = { status: 200, headers: { 'content-type': 'application/json' }, body: '{"balance":"1000"}' };
    let signed = await ask({ do: 'answer', profile, key: key.privateJwk, request: wire(request), response: wire(answer) });
    expect(`${name}: ingam answers`, await nodeVerifies({ ...answer, headers: plain(signed.headers) }, key, request), true);

    request = call(method, body);
    signed = await ask({ do: 'sign', profile, key: key.privateJwk, request: wire(request) });
    request.headers = plain(signed.headers);
    expect(`${name}: ingam signs`, await nodeVerifies(request, key), true);
    const changed = { ...request, method: 'PUT' };
    expect(`${name}: ingam signs, another method`, await nodeVerifies(changed, key), false);
    const answered = ANSWER.filter((field) => body || !field.startsWith('"content-digest"'));
    const response = await nodeSigns({ status: 403, headers: {}, body: '{"error":"no"}' }, key, answered, answerTag, request);
    const verify = (request) => ask({ do: 'verify', profile, keys: [key.jwk], request: wire(request), response: wire(response) });
    expect(`${name}: node answers`, await verify(request), { ok: true, status: 403 });
    const other = call(method, body);
    other.headers = plain((await ask({ do: 'sign', profile, key: key.privateJwk, request: wire(other) })).headers);
    expect(`${name}: node answers another`, await verify(other), { error: 'ResponseNotBound', ok: false });
  }
}

async function components(key) {
  const headers = {
    'example-dict': 'a=1,   b=2;x=1;y=2,   c=(a   b   c), d', 'x-lines': ['one', '  two '], 'x-empty': '', 'content-digest': digest(''),
  };
  const url = 'https://bank.example/path/to?param=value&foo=bar';
  const fields = [
    '@method', '@target-uri', '@authority', '@scheme', '@request-target', '@path', '@query', '"@query-param";name="param"',
    'example-dict', '"example-dict";key="a"', '"example-dict";sf', 'x-lines', '"x-lines";bs', 'x-empty', '"content-digest";sf',
  ];
  const message = await nodeSigns({ method: 'OPTIONS', url, headers, body: '' }, key, fields, 't');
  const reply = await ask({ do: 'bases', keys: [key.jwk], request: wire(message) });
  expect(`every component ${key.alg}`, reply.bases?.map((base) => base.holds), [true]);
}

// What Ingam prints is, to another strict parser, already in its strict form.
async function strictForm(key) {
  const request = { method: 'POST', url: URL_, headers: { ...PROFILES['fapi-2-http-signatures'].headers, 'idempotency-key': 'a"b\\c' }, body: BODY };
  const signed = plain((await ask({ do: 'sign', profile: 'fapi-2-http-signatures', key: key.privateJwk, request: wire(request) })).headers);
  for (const name of ['signature-input', 'signature', 'content-digest']) {
    expect(`${name} ${key.alg} is in strict form`, serializeDictionary(parseDictionary(signed[name])), signed[name]);
  }
  for (const item of ['"a\\"b"', '1', '1.5', '?1', 'token', ':AAAA:']) {
    expect(`structured-headers agrees on ${item}`, serializeItem(parseItem(item)), item);
  }
}

async function messages(profile, key) {
  const stated = { issuer: 'peer', audience: 'https://bank.example/payments', method: 'POST' };
  const claims = { iss: 'peer', aud: stated.audience, iat: NOW, jti: `id-${key.alg}`, htm: 'POST' };
  const [privateKey, publicKey] = [await importJWK(key.privateJwk), await importJWK(key.jwk)];
  const check = (body, headers) => ask({ do: 'check-message', profile, keys: [key.jwk], body, headers, ...stated });
  const crit = { iss: true, aud: true, iat: true, jti: true, htm: true };
  const signed = await ask({ do: 'sign-message', profile, key: key.privateJwk, body: BODY, ...stated });
  if (profile === 'detached-jws') {
    const header = { alg: key.alg, kid: key.kid, typ: 'JOSE', b64: false, ...claims, crit: ['b64', ...Object.keys(crit)] };
    const jws = await new FlattenedSign(new TextEncoder().encode(BODY)).setProtectedHeader(header).sign(privateKey, { crit });
    const headers = [['x-jws-signature', `${jws.protected}..${jws.signature}`]];
    expect(`${profile} ${key.alg}: node signs`, await check(BODY, headers), { ok: true });
    expect(`${profile} ${key.alg}: node signs another body`, await check(BODY + ' ', headers), { error: 'BadSignature', ok: false });
    const [head, , signature] = signed.field[1].split('.');
    const read = await flattenedVerify({ protected: head, payload: BODY, signature }, publicKey, { crit });
    expect(`${profile} ${key.alg}: ingam signs`, read.protectedHeader.jti, signed.id);
  } else {
    const header = { alg: key.alg, kid: key.kid, typ: 'transaction+jwt' };
    const payload = new TextEncoder().encode(JSON.stringify({ ...claims, message: JSON.parse(BODY) }));
    const token = await new CompactSign(payload).setProtectedHeader(header).sign(privateKey);
    expect(`${profile} ${key.alg}: node signs`, await check(token, [['content-type', 'application/jwt']]), { ok: true });
    const read = await compactVerify(signed.body, publicKey);
    expect(`${profile} ${key.alg}: ingam signs`, JSON.parse(new TextDecoder().decode(read.payload)).message, JSON.parse(BODY));
  }
}

for (const alg of ['ES256', 'EdDSA', 'PS256']) {
  const key = makeKey(alg);
  await components(key);
  await strictForm(key);
  for (const profile of Object.keys(PROFILES)) {
    if (profile === 'korea' && alg === 'EdDSA') continue; // not on Korea's list
    await bothDirections(profile, key);
  }
  await messages('detached-jws', key);
  await messages('jwt-body', key);
}
peer.stdin.end();
console.log(`${cases} cases, 0 failed`);

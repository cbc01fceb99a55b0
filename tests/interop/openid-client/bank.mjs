// Starts examples/bank on free loopback ports in a temporary folder, and stops it.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import * as jose from 'jose'

export const REDIRECT = 'https://fintech.example/callback'
export const REDIRECT_WITH_QUERY = 'https://fintech.example/callback?dummy1=lorem&dummy2=ipsum'
export const USER = { username: 'alice', password: 'correct horse battery staple' }

const freePort = () =>
  new Promise((done, fail) => {
    const server = createServer().on('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })

/** A fintech's own signing key, as CryptoKey and as JWK files. */
async function fintechKeys(folder, name, alg = 'ES256') {
  const { privateKey, publicKey } = await jose.generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await jose.exportJWK(publicKey)), alg, use: 'sig', kid: `${name}-1` }
  const path = join(folder, `${name}.jwks.json`)
  writeFileSync(path, JSON.stringify({ keys: [jwk] }))
  return { kid: jwk.kid, alg, privateKey, publicKey, jwk, path }
}

function certificates(folder) {
  const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  // Without extensions OpenSSL writes X.509 version 1, which no TLS library of today takes.
  writeFileSync(join(folder, 'client.ext'), 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n')
  openssl('req', '-x509', ...key, '-keyout', 'client-ca.key', '-out', 'client-ca.pem', '-days', '2', '-subj', '/CN=Fintech CA')
  for (const name of ['client-a', 'client-b']) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/O=Fintech/serialNumber=KR-1/CN=${name}`)
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'client-ca.pem', '-CAkey', 'client-ca.key', '-CAcreateserial', '-out', `${name}.pem`, '-days', '2', '-extfile', 'client.ext')
  }
  const read = (file) => readFileSync(join(folder, file), 'utf8')
  return {
    ca: join(folder, 'client-ca.pem'),
    a: { cert: read('client-a.pem'), key: read('client-a.key') },
    b: { cert: read('client-b.pem'), key: read('client-b.key') },
  }
}

/** Starts a bank for one variant; two fintechs, the second with a query in its redirect URI. */
export async function startBank(binary, variant) {
  const folder = mkdtempSync(join(tmpdir(), 'ingam-interop-'))
  const [port, mtlsPort] = [await freePort(), await freePort()]
  const issuer = `https://127.0.0.1:${port}`
  const certs = certificates(folder)
  const keys = { a: await fintechKeys(folder, 'client-a', variant.alg), b: await fintechKeys(folder, 'client-b', variant.alg) }
  const rs = await fintechKeys(folder, 'rs')
  // One redirect URI with a query for each fintech's success and error answers (RFC 6749 section 3.1.2).
  const fintech = (name, redirect) => `
[[fintech]]
client_id = "${name}"
auth = "private_key_jwt"
binding = "${variant.binding}"
request = "${variant.signed ? 'signed' : 'pushed'}"
response = "${variant.signed ? 'jarm' : 'query'}"
redirect_uris = ["${redirect}"]
scope = "openid accounts balances transactions payments offline_access"
jwks = "${keys[name === 'client-a' ? 'a' : 'b'].path}"
owner = "${name} security officer"
organisation = "KR-1"
`
  const config = join(folder, 'bank.toml')
  writeFileSync(
    config,
    `listen = "127.0.0.1:${port}"
mtls_listen = "127.0.0.1:${mtlsPort}"
mtls_base = "https://127.0.0.1:${mtlsPort}"
issuer = "${issuer}"
store = "${variant.store ?? 'memory:'}"
production = false
profile = "${variant.signed ? 'fapi2-message-signing' : 'fapi2-security'}"
http_signatures = "optional"
dpop_nonce = "${variant.nonce ? 'required' : 'off'}"
access_key = { format = "${variant.opaque ? 'opaque' : 'jwt'}", alg = "ES256", seconds = 300 }
data = "${resolve(import.meta.dirname, '../../../examples/data/bank.json')}"

[keys]
kek_env = "INGAM_INTEROP_KEK"

[[user]]
username = "${USER.username}"
password = "${USER.password}"

[[resource_server]]
client_id = "rs"
jwks = "${rs.path}"
${fintech('client-a', REDIRECT)}
${fintech('client-b', REDIRECT_WITH_QUERY)}
`,
  )
  const child = spawn(binary, ['--config', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, INGAM_INTEROP_KEK: 'a passphrase for this run only' },
  })
  let log = ''
  child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-20000)))
  const ready = await new Promise((done, fail) => {
    createInterface({ input: child.stdout }).once('line', (line) => done(JSON.parse(line)))
    child.once('exit', (code) => fail(new Error(`bank stopped with ${code}: ${log}`)))
    setTimeout(() => fail(new Error(`bank not ready: ${log}`)), 30000).unref()
  })
  return {
    issuer,
    mtlsBase: `https://127.0.0.1:${mtlsPort}`,
    ca: readFileSync(ready.ca, 'utf8'),
    certs,
    keys,
    rs,
    log: () => log,
    async stop() {
      const gone = new Promise((done) => child.once('exit', done))
      child.kill('SIGTERM')
      const code = await gone
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

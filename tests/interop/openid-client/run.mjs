// Drives examples/bank with the certified client openid-client in every variant.  node run.mjs --bank PATH [--only TEXT]
import { setTimeout as later } from 'node:timers/promises'
import * as client from 'openid-client'
import { startBank } from './bank.mjs'
import { authorise, call, configure, push, redeem } from './flow.mjs'
import { cases, signedCases } from './negative.mjs'

const option = (name) => process.argv[process.argv.indexOf(`--${name}`) + 1]
const binary = option('bank')
const only = process.argv.includes('--only') ? option('only') : ''

const variants = []
for (const binding of ['dpop', 'mtls'])
  for (const signed of [false, true])
    for (const rar of [false, true])
      for (const nonce of binding === 'dpop' ? [false, true] : [false])
        for (const openid of rar ? [false] : [false, true]) variants.push({ binding, signed, rar, nonce, openid, alg: 'ES256' })
variants.push({ binding: 'dpop', signed: false, rar: false, nonce: false, openid: false, alg: 'EdDSA' })
variants.push({ binding: 'dpop', signed: true, rar: false, nonce: true, openid: true, alg: 'PS256' })
variants.push({ binding: 'dpop', signed: false, rar: false, nonce: false, openid: false, alg: 'ES256', opaque: true })

const nameOf = (v) =>
  [v.binding, v.signed ? 'jar+jarm' : 'plain', v.rar ? 'rar' : 'scope', v.nonce ? 'nonce' : 'no-nonce', v.openid ? 'oidc' : 'oauth', v.alg, v.opaque ? 'opaque' : 'jwt'].join('/')

async function positive(bank, v) {
  for (const which of ['a', 'b']) {
    const fintech = await configure(bank, v, which)
    const pushed = await push(fintech, bank, v)
    const landing = await authorise(fintech, pushed)
    if (landing.status !== 303) throw new Error(`redirected with ${landing.status}: ${landing.html}`)
    if (which === 'b' && landing.location.searchParams.get('dummy2') !== 'ipsum') throw new Error('the query of the redirect URI was lost')
    const tokens = await redeem(fintech, pushed, landing.location)
    if (tokens.token_type !== (v.binding === 'dpop' ? 'dpop' : 'bearer')) throw new Error(`token_type ${tokens.token_type}`)
    if (!tokens.refresh_token || !(tokens.expires_in > 0 && tokens.expires_in <= 300)) throw new Error('no refresh token or expires_in')
    if (v.rar && !tokens.authorization_details) throw new Error('no authorization_details in the token response')
    if (Boolean(tokens.id_token) !== v.openid) throw new Error('ID token present or absent wrongly')
    const interaction = crypto.randomUUID()
    const accounts = await call(fintech, bank, v, tokens.access_token, '/accounts', 'GET', undefined, { 'x-fapi-interaction-id': interaction })
    if (accounts.status !== 200) throw new Error(`accounts ${accounts.status} ${await accounts.text()}`)
    if (!accounts.headers.get('date') || accounts.headers.get('x-fapi-interaction-id') !== interaction) throw new Error('Date or interaction id missing')
    const list = (await accounts.json()).accounts
    const id = list[0].id ?? list[0].account_id
    for (const part of ['balance', 'transactions']) {
      const answer = await call(fintech, bank, v, tokens.access_token, `/accounts/${id}/${part}`)
      if (answer.status !== 200) throw new Error(`${part} ${answer.status}`)
    }
    // Refresh with a new key: confidential clients' refresh tokens are not bound to the proof key (RFC 9449 section 5).
    if (fintech.DPoP) fintech.DPoP = client.getDPoPHandle(fintech.config, await client.randomDPoPKeyPair('ES256'))
    const refreshed = await client.refreshTokenGrant(fintech.config, tokens.refresh_token, undefined, { DPoP: fintech.DPoP })
    const again = await call(fintech, bank, v, refreshed.access_token, '/accounts')
    if (again.status !== 200) throw new Error(`after refresh ${again.status}`)
    const introspected = await client.tokenIntrospection(fintech.config, refreshed.access_token)
    if (!introspected.active || introspected.client_id !== `client-${which}`) throw new Error('introspection')
  }
}

let passedPositive = 0
let passedNegative = 0
const failures = []
for (const v of variants) {
  const name = nameOf(v)
  if (!name.includes(only)) continue
  const bank = await startBank(binary, v)
  const attempt = async (label, run) => {
    try {
      await run()
      return true
    } catch (error) {
      failures.push(`${name} ${label}: ${error.error ?? ''} ${error.error_description ?? ''} ${error.message} ${error.cause?.message ?? ''}`)
      return false
    }
  }
  let [good, bad] = [0, 0]
  if (await attempt("positive", () => positive(bank, v))) good++
  else if (process.env.VERBOSE) console.error(bank.log())
  // The refusals do not depend on RAR or the ID token: one variant of each pair suffices.
  if (!v.rar && !v.openid && !v.opaque)
    for (const [label, run] of Object.entries({ ...cases, ...(v.signed ? signedCases : {}) })) {
      if (await attempt(label, () => run(bank, v))) bad++
    }
  const code = await bank.stop()
  if (code !== 0) failures.push(`${name}: the bank stopped with ${code}: ${bank.log()}`)
  passedPositive += good
  passedNegative += bad
  console.log(`${name}: ${good} positive, ${bad} negative`)
  await later(0)
}
for (const failure of failures) console.error(`FAILED ${failure}`)
console.log(`openid-client: ${passedPositive} positive and ${passedNegative} negative cases passed, ${failures.length} failed`)
process.exit(failures.length === 0 && passedPositive > 0 ? 0 : 1)

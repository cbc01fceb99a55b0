// Refusals, each with the answer that the standard and the FAPI 2.0 conformance plans want.
import { randomUUID } from 'node:crypto'
import * as jose from 'jose'
import * as client from 'openid-client'
import { REDIRECT } from './bank.mjs'
import { authorise, call, configure, fetcher, push, redeem } from './flow.mjs'

const now = () => Math.floor(Date.now() / 1000)

async function assertion(bank, which, changes = {}, header = {}) {
  const key = bank.keys[which]
  const claims = { iss: `client-${which}`, sub: `client-${which}`, aud: bank.issuer, jti: randomUUID(), iat: now(), nbf: now(), exp: now() + 60, ...changes }
  for (const name of Object.keys(claims)) if (claims[name] === undefined) delete claims[name]
  return new jose.SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey)
}

async function requestObject(bank, which, parameters, changes = {}) {
  const key = bank.keys[which]
  const claims = { iss: `client-${which}`, client_id: `client-${which}`, aud: bank.issuer, nbf: now(), exp: now() + 300, response_type: 'code', ...parameters, ...changes }
  for (const name of Object.keys(claims)) if (claims[name] === undefined) delete claims[name]
  return new jose.SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'oauth-authz-req+jwt' }).sign(key.privateKey)
}

const challenge = () => client.calculatePKCECodeChallenge(client.randomPKCECodeVerifier())

/** Pushes raw parameters; in signed variants they travel in a request object. */
async function rawPush(bank, variant, changes = {}, { assertionChanges, objectChanges, method, contentType } = {}) {
  const parameters = { response_type: 'code', redirect_uri: REDIRECT, scope: 'accounts', code_challenge: await challenge(), code_challenge_method: 'S256', state: 's', response_mode: variant.signed ? 'jwt' : undefined, ...changes }
  for (const name of Object.keys(parameters)) if (parameters[name] === undefined) delete parameters[name]
  const form = variant.signed ? { request: await requestObject(bank, 'a', parameters, objectChanges) } : { ...parameters }
  if (assertionChanges !== null) {
    form.client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
    form.client_assertion = typeof assertionChanges === 'string' ? assertionChanges : await assertion(bank, 'a', assertionChanges)
  }
  const response = await fetcher(bank)(`${bank.issuer}/par`, {
    method: method ?? 'POST',
    headers: { 'content-type': contentType ?? 'application/x-www-form-urlencoded;charset=UTF-8' },
    body: new URLSearchParams(form).toString(),
  })
  const text = await response.text()
  let json = {}
  try { json = JSON.parse(text) } catch {}
  return { status: response.status, error: json.error, json, headers: response.headers }
}

const refused = (answer, statuses, errors) => {
  if (!statuses.includes(answer.status) || !errors.includes(answer.error)) throw new Error(`got ${answer.status} ${answer.error}, wanted ${statuses} ${errors}`)
  if (!/no-store/.test(answer.headers.get('cache-control') ?? '')) throw new Error('answer may be stored')
}

async function rejects(promise, ...errors) {
  try {
    await promise
  } catch (error) {
    const name = error.error ?? error.cause?.error ?? error.code ?? error.message
    if (errors.includes(name)) return
    throw new Error(`refused with ${name}, wanted ${errors}`)
  }
  throw new Error('was accepted')
}

const params = (location) => location.searchParams

/** name → function that throws unless the bank refuses as it must. */
export const cases = {
  'PAREndpointAsAudienceFails': async (bank, v) => refused(await rawPush(bank, v, {}, { assertionChanges: { aud: `${bank.issuer}/par` } }), [400, 401], ['invalid_client']),
  'PARTokenEndpointAsAudienceFails': async (bank, v) => refused(await rawPush(bank, v, {}, { assertionChanges: { aud: `${bank.issuer}/token` } }), [400, 401], ['invalid_client']),
  'PAREndpointAsArrayAudienceFails': async (bank, v) => refused(await rawPush(bank, v, {}, { assertionChanges: { aud: [bank.issuer, 'x'] } }), [400, 401], ['invalid_client']),
  'ArrayOfIssuerAloneAsAudienceFails': async (bank, v) => refused(await rawPush(bank, v, {}, { assertionChanges: { aud: [bank.issuer] } }), [400, 401], ['invalid_client']),
  'AssertionWithIatNbfOver60SecondsInTheFutureFails': async (bank, v) => refused(await rawPush(bank, v, {}, { assertionChanges: { iat: now() + 62, nbf: now() + 62, exp: now() + 122 } }), [400, 401], ['invalid_client']),
  'AssertionWithIatNbf8SecondsInTheFutureIsAccepted': async (bank, v) => {
    const answer = await rawPush(bank, v, {}, { assertionChanges: { iat: now() + 8, nbf: now() + 8, exp: now() + 68 } })
    if (answer.status !== 201) throw new Error(`got ${answer.status} ${answer.error}`)
  },
  'AssertionExpired5MinutesAgoFails': async (bank, v) => refused(await rawPush(bank, v, {}, { assertionChanges: { iat: now() - 360, nbf: now() - 360, exp: now() - 300 } }), [400, 401], ['invalid_client']),
  'AssertionWithoutSubFails': async (bank, v) => refused(await rawPush(bank, v, {}, { assertionChanges: { sub: undefined } }), [400, 401], ['invalid_client']),
  'AssertionWithoutJtiFails': async (bank, v) => refused(await rawPush(bank, v, {}, { assertionChanges: { jti: undefined } }), [400, 401], ['invalid_client']),
  'AssertionUsedTwiceFails': async (bank, v) => {
    const once = await assertion(bank, 'a')
    const first = await rawPush(bank, v, {}, { assertionChanges: once })
    if (first.status !== 201) throw new Error(`first: ${first.status} ${first.error}`)
    refused(await rawPush(bank, v, {}, { assertionChanges: once }), [400, 401], ['invalid_client'])
  },
  'AssertionSignedByAnotherFintechFails': async (bank, v) => {
    const key = bank.keys.b
    const forged = await new jose.SignJWT({ iss: 'client-a', sub: 'client-a', aud: bank.issuer, jti: randomUUID(), iat: now(), exp: now() + 60 }).setProtectedHeader({ alg: key.alg, kid: bank.keys.a.kid }).sign(key.privateKey)
    refused(await rawPush(bank, v, {}, { assertionChanges: forged }), [400, 401], ['invalid_client'])
  },
  'NoClientAuthenticationFails': async (bank, v) => refused(await rawPush(bank, v, { client_id: 'client-a' }, { assertionChanges: null }), [400, 401], ['invalid_client', 'invalid_request']),
  'PARRejectInvalidHttpVerb': async (bank, v) => {
    const answer = await rawPush(bank, v, {}, { method: 'PUT' })
    if (answer.status !== 405) throw new Error(`got ${answer.status}`)
  },
  'PARWrongMediaTypeFails': async (bank, v) => {
    const answer = await rawPush(bank, v, {}, { contentType: 'application/json' })
    if (![400, 415].includes(answer.status)) throw new Error(`got ${answer.status}`)
  },
  'PAREnsurePKCERequired': async (bank, v) => refused(await rawPush(bank, v, { code_challenge: undefined, code_challenge_method: undefined }), [400], ['invalid_request']),
  'PAREnsurePlainPKCERejected': async (bank, v) => refused(await rawPush(bank, v, { code_challenge_method: 'plain' }), [400], ['invalid_request']),
  'EnsureRedirectUriInAuthorizationRequest': async (bank, v) => refused(await rawPush(bank, v, { redirect_uri: undefined }), [400], ['invalid_request', 'invalid_request_object']),
  'EnsureRegisteredRedirectUri': async (bank, v) => refused(await rawPush(bank, v, { redirect_uri: `${REDIRECT}x` }), [400], ['invalid_request', 'invalid_request_object']),
  'EnsureResponseTypeTokenFails': async (bank, v) => refused(await rawPush(bank, v, { response_type: 'token' }), [400], ['unsupported_response_type', 'invalid_request', 'unauthorized_client']),
  'EnsureResponseTypeCodeIdTokenFails': async (bank, v) => refused(await rawPush(bank, v, { response_type: 'code id_token' }), [400], ['unsupported_response_type', 'invalid_request', 'unauthorized_client']),
  'PARRejectRequestUri': async (bank, v) => refused(await rawPush(bank, v, { request_uri: 'urn:ietf:params:oauth:request_uri:x' }), [400], v.signed ? ['invalid_request_object'] : ['invalid_request', 'invalid_request_object', 'request_uri_not_supported']),
  'UnknownScopeFails': async (bank, v) => refused(await rawPush(bank, v, { scope: 'accounts everything' }), [400], ['invalid_scope']),
  'UnknownAuthorizationDetailsTypeFails': async (bank, v) => refused(await rawPush(bank, v, { authorization_details: '[{"type":"nothing"}]' }), [400], ['invalid_authorization_details']),
  'UnknownAuthorizationDetailsMemberFails': async (bank, v) => refused(await rawPush(bank, v, { authorization_details: '[{"type":"account_information","actions":["list_accounts"],"zzz":1}]' }), [400], ['invalid_authorization_details']),
  'ForeignResourceFails': async (bank, v) => refused(await rawPush(bank, v, { resource: 'https://elsewhere.example/' }), [400], ['invalid_target']),
  'EnsureUnsignedAuthorizationRequestWithoutUsingParFails': async (bank, v) => {
    const url = new URL(`${bank.issuer}/authorize`)
    url.search = new URLSearchParams({ client_id: 'client-a', response_type: 'code', redirect_uri: REDIRECT, scope: 'accounts', code_challenge: await challenge(), code_challenge_method: 'S256', state: 's' })
    const response = await fetcher(bank)(url, { redirect: 'manual' })
    const location = response.headers.get('location')
    if (location ? !/error=invalid_request/.test(location) && !/response=/.test(location) : response.status < 400) throw new Error(`got ${response.status} ${location}`)
  },
  'UserRejectsAuthentication': async (bank, v) => {
    const fintech = await configure(bank, v)
    const pushed = await push(fintech, bank, v)
    const landing = await authorise(fintech, pushed, 'deny')
    await rejects(redeem(fintech, pushed, landing.location), 'access_denied')
  },
  'PAREnsureRequestUriIsBoundToClient': async (bank, v) => {
    const fintech = await configure(bank, v)
    const pushed = await push(fintech, bank, v)
    pushed.url.searchParams.set('client_id', 'client-b')
    const landing = await authorise(fintech, pushed)
    if (landing.location && params(landing.location).get('code')) throw new Error('code for the wrong client')
    if (!landing.location && landing.status < 400) throw new Error(`got ${landing.status}`)
  },
  'PAREnsureServerAcceptsReusedRequestUriBeforeAuthenticationCompletion': async (bank, v) => {
    const fintech = await configure(bank, v)
    const pushed = await push(fintech, bank, v)
    const first = await fintech.plain(pushed.url, { redirect: 'manual' })
    if (first.status !== 200) throw new Error(`first visit ${first.status}`)
    const landing = await authorise(fintech, pushed)
    await redeem(fintech, pushed, landing.location)
  },
  'PARAttemptReuseRequestUri': async (bank, v) => {
    const fintech = await configure(bank, v)
    const pushed = await push(fintech, bank, v)
    const landing = await authorise(fintech, pushed)
    await redeem(fintech, pushed, landing.location)
    const again = await authorise(fintech, pushed)
    if (again.location && params(again.location).get('code')) throw new Error('second code')
    if (!again.location && again.status < 400) throw new Error(`got ${again.status}`)
  },
  'AttemptReuseAuthorizationCode': async (bank, v) => {
    const fintech = await configure(bank, v)
    const pushed = await push(fintech, bank, v)
    const { location } = await authorise(fintech, pushed)
    const tokens = await redeem(fintech, pushed, location)
    await rejects(redeem(fintech, pushed, location), 'invalid_grant')
    await rejects(call(fintech, bank, v, tokens.access_token, '/accounts'), 'OAUTH_WWW_AUTHENTICATE_CHALLENGE', 'OAUTH_RESPONSE_IS_NOT_CONFORM')
  },
  'PAREnsurePKCECodeVerifierRequired / PARIncorrectPKCECodeVerifierRejected': async (bank, v) => {
    const fintech = await configure(bank, v)
    const pushed = await push(fintech, bank, v)
    const { location } = await authorise(fintech, pushed)
    await rejects(redeem(fintech, { ...pushed, verifier: client.randomPKCECodeVerifier() }, location), 'invalid_grant')
  },
  'EnsureAuthorizationCodeIsBoundToClient': async (bank, v) => {
    const a = await configure(bank, v, 'a')
    const b = await configure(bank, v, 'b')
    const pushed = await push(a, bank, v)
    const { location } = await authorise(a, pushed)
    const code = params(location).get('code')
    if (v.signed) {
      const claims = jose.decodeJwt(params(location).get('response'))
      await rejects(client.genericGrantRequest(b.config, 'authorization_code', { code: claims.code, redirect_uri: a.redirect, code_verifier: pushed.verifier }, { DPoP: b.DPoP }), 'invalid_grant')
    } else {
      await rejects(client.genericGrantRequest(b.config, 'authorization_code', { code, redirect_uri: a.redirect, code_verifier: pushed.verifier }, { DPoP: b.DPoP }), 'invalid_grant')
    }
  },
  'RefreshTokenIsBoundToClient': async (bank, v) => {
    const a = await configure(bank, v, 'a')
    const b = await configure(bank, v, 'b')
    const pushed = await push(a, bank, v)
    const { location } = await authorise(a, pushed)
    const tokens = await redeem(a, pushed, location)
    await rejects(client.refreshTokenGrant(b.config, tokens.refresh_token, undefined, { DPoP: b.DPoP }), 'invalid_grant')
  },
  'UnsupportedGrantTypesFail': async (bank, v) => {
    const a = await configure(bank, v, 'a')
    await rejects(client.genericGrantRequest(a.config, 'password', { username: 'alice', password: 'x' }, { DPoP: a.DPoP }), 'unsupported_grant_type')
    await rejects(client.genericGrantRequest(a.config, 'client_credentials', {}, { DPoP: a.DPoP }), 'unsupported_grant_type', 'unauthorized_client')
  },
  'AccessKeyOfAnotherHolderFails': async (bank, v) => {
    const a = await configure(bank, v, 'a')
    const pushed = await push(a, bank, v)
    const { location } = await authorise(a, pushed)
    const tokens = await redeem(a, pushed, location)
    const thief = await configure(bank, v, 'b')
    await rejects(call(thief, bank, v, tokens.access_token, '/accounts'), 'OAUTH_WWW_AUTHENTICATE_CHALLENGE')
  },
  'AccessKeyInQueryOrAsBearerFails': async (bank, v) => {
    const a = await configure(bank, v, 'a')
    const pushed = await push(a, bank, v)
    const { location } = await authorise(a, pushed)
    const tokens = await redeem(a, pushed, location)
    const inQuery = await a.plain(`${bank.issuer}/accounts?access_token=${tokens.access_token}`)
    if (![400, 401, 414].includes(inQuery.status)) throw new Error(`query: ${inQuery.status}`)
    const bearer = await a.plain(`${bank.issuer}/accounts`, { headers: { authorization: `Bearer ${tokens.access_token}` } })
    if (![400, 401].includes(bearer.status)) throw new Error(`bearer: ${bearer.status}`)
    const none = await a.plain(`${bank.issuer}/accounts`)
    if (none.status !== 401 || !none.headers.get('www-authenticate')) throw new Error(`none: ${none.status}`)
  },
  'RevokedAccessKeyAndRefreshTokenFail': async (bank, v) => {
    const a = await configure(bank, v, 'a')
    const pushed = await push(a, bank, v)
    const { location } = await authorise(a, pushed)
    const tokens = await redeem(a, pushed, location)
    await client.tokenRevocation(a.config, tokens.refresh_token)
    await rejects(client.refreshTokenGrant(a.config, tokens.refresh_token, undefined, { DPoP: a.DPoP }), 'invalid_grant')
    await rejects(call(a, bank, v, tokens.access_token, '/accounts'), 'OAUTH_WWW_AUTHENTICATE_CHALLENGE')
    await client.tokenRevocation(a.config, 'unknown')
  },
}

/** Only with signed requests (JAR): faults of the request object are 400 invalid_request_object exactly. */
export const signedCases = Object.fromEntries(
  Object.entries({
    'EnsureRequestObjectWithoutExpFails': { exp: undefined },
    'EnsureRequestObjectWithoutNbfFails': { nbf: undefined },
    'EnsureExpiredRequestObjectFails': () => ({ nbf: now() - 400, exp: now() - 120 }),
    'EnsureRequestObjectWithExpOver60Fails': () => ({ exp: now() + 4200 }),
    'EnsureRequestObjectWithNbfOver60Fails': () => ({ nbf: now() - 4200 }),
    'EnsureRequestObjectWithBadAudFails': { aud: 'https://elsewhere.example' },
    'ClientIdOfAnotherFintechInObjectFails': { client_id: 'client-b' },
  }).map(([name, changes]) => [
    name,
    async (bank, v) => refused(await rawPush(bank, v, {}, { objectChanges: typeof changes === 'function' ? changes() : changes }), [400], ['invalid_request_object']),
  ]),
)
signedCases['EnsureServerAcceptsRequestObjectWithMultipleAud'] = async (bank, v) => {
  const answer = await rawPush(bank, v, {}, { objectChanges: { aud: [bank.issuer, 'https://elsewhere.example'] } })
  if (answer.status !== 201) throw new Error(`got ${answer.status} ${answer.error}`)
}
signedCases['EnsureUnsignedRequestAtParEndpointFails'] = async (bank, v) => refused(await rawPush(bank, { ...v, signed: false }, {}), [400], ['invalid_request'])
signedCases['EnsureRequestObjectWithInvalidSignatureFails'] = async (bank) => {
  const object = await requestObject(bank, 'b', { redirect_uri: REDIRECT, scope: 'accounts', code_challenge: await challenge(), code_challenge_method: 'S256' }, { iss: 'client-a', client_id: 'client-a' })
  const response = await fetcher(bank)(`${bank.issuer}/par`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ request: object, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: await assertion(bank, 'a') }).toString(),
  })
  refused({ status: response.status, error: (await response.json()).error, headers: response.headers }, [400], ['invalid_request_object', 'invalid_request'])
}

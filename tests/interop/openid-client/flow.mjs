// One flow with openid-client, for every variant.
import * as client from 'openid-client'
import { Agent, fetch as undiciFetch } from 'undici'
import { REDIRECT, REDIRECT_WITH_QUERY } from './bank.mjs'
import { visit } from './browser.mjs'

export const DETAILS = [{ type: 'account_information', actions: ['list_accounts', 'read_balances', 'read_transactions'], locations: undefined }]

export function fetcher(bank, identity) {
  const dispatcher = new Agent({ connect: { ca: bank.ca, ...(identity ?? {}) } })
  return (url, init = {}) => undiciFetch(url, { ...init, dispatcher })
}

/** A ready openid-client configuration of fintech `which` (a or b). */
export async function configure(bank, variant, which = 'a') {
  const key = bank.keys[which]
  const plain = fetcher(bank)
  const mtls = fetcher(bank, bank.certs[which])
  const redirect = which === 'a' ? REDIRECT : REDIRECT_WITH_QUERY
  const custom = (url, init) => {
    // The client repeats the redirect URI without its query, though it must be identical (RFC 6749 section 4.1.3).
    if (init.body instanceof URLSearchParams && init.body.has('code')) init.body.set('redirect_uri', redirect)
    return (String(url).startsWith(bank.mtlsBase) ? mtls : plain)(url, init)
  }
  const config = await client.discovery(
    new URL(bank.issuer),
    `client-${which}`,
    {
      redirect_uris: [redirect],
      id_token_signed_response_alg: 'ES256',
      authorization_signed_response_alg: 'ES256',
      use_mtls_endpoint_aliases: variant.binding === 'mtls',
      require_pushed_authorization_requests: true,
      introspection_signed_response_alg: 'ES256',
    },
    client.PrivateKeyJwt({ key: key.privateKey, kid: key.kid }),
    { algorithm: variant.openid ? 'oidc' : 'oauth2', [client.customFetch]: custom },
  )
  if (variant.signed) client.useJwtResponseMode(config)
  const DPoP = variant.binding === 'dpop' ? client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) : undefined
  return { config, DPoP, plain, mtls, which, redirect }
}

export async function push(fintech, bank, variant, changes = {}) {
  const verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  const nonce = variant.openid ? client.randomNonce() : undefined
  const parameters = {
    redirect_uri: fintech.redirect,
    scope: (variant.openid ? 'openid ' : '') + (variant.rar ? '' : 'accounts balances transactions payments'),
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    ...(nonce ? { nonce } : {}),
    ...(variant.rar ? { authorization_details: JSON.stringify(DETAILS) } : {}),
    ...changes,
  }
  for (const name of Object.keys(parameters)) if (parameters[name] === undefined || parameters[name] === '') delete parameters[name]
  const key = bank.keys[fintech.which]
  const signed = variant.signed
    ? (await client.buildAuthorizationUrlWithJAR(fintech.config, parameters, { key: key.privateKey, kid: key.kid })).searchParams
    : parameters
  const url = await client.buildAuthorizationUrlWithPAR(fintech.config, signed, { DPoP: fintech.DPoP })
  return { url, verifier, state, nonce }
}

export async function authorise(fintech, pushed, answer = 'approve') {
  return visit(fintech.plain, pushed.url, answer)
}

export async function redeem(fintech, pushed, landing, changes = {}) {
  return client.authorizationCodeGrant(
    fintech.config,
    landing,
    { pkceCodeVerifier: pushed.verifier, expectedState: pushed.state, ...(pushed.nonce ? { expectedNonce: pushed.nonce } : {}), ...changes },
    undefined,
    { DPoP: fintech.DPoP },
  )
}

/** Calls a resource; with a certificate-bound key over the mTLS listener. */
export async function call(fintech, bank, variant, token, path, method = 'GET', body, headers) {
  const base = variant.binding === 'mtls' ? bank.mtlsBase : bank.issuer
  return client.fetchProtectedResource(fintech.config, token, new URL(path, base), method, body, new Headers(headers ?? {}), { DPoP: fintech.DPoP })
}

// A user agent for the operator's plain pages: follows redirects, keeps cookies, fills in forms.
import { USER } from './bank.mjs'

const attribute = (tag, name) => new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&').replaceAll('&quot;', '"')

function formOf(html) {
  const action = attribute(/<form[^>]*>/.exec(html)?.[0] ?? '', 'action')
  const fields = []
  const seen = new Set()
  for (const [tag] of html.matchAll(/<input[^>]*>/g)) {
    const [name, value, type] = [attribute(tag, 'name'), attribute(tag, 'value') ?? '', attribute(tag, 'type')]
    if (type === 'radio' && seen.has(name)) continue
    if (name === 'username') fields.push([name, USER.username])
    else if (name === 'password') fields.push([name, USER.password])
    else if (type === 'checkbox' && !/\bchecked\b/.test(tag)) continue
    else fields.push([name, value])
    seen.add(name)
  }
  return { action, fields }
}

/** Visits `url` and answers every page with `answer`; returns the redirect to the fintech, or the page that stopped it. */
export async function visit(fetcher, url, answer = 'approve', pages = 5) {
  let request = { url: String(url), init: { redirect: 'manual' } }
  let cookie
  for (let page = 0; page <= pages; page++) {
    const headers = { ...(request.init.headers ?? {}), ...(cookie ? { cookie } : {}) }
    const response = await fetcher(request.url, { ...request.init, headers, redirect: 'manual' })
    const set = response.headers.get('set-cookie')
    if (set) cookie = set.split(';')[0]
    if (response.status === 303 || response.status === 302) {
      const location = new URL(response.headers.get('location'), request.url)
      if (location.origin !== new URL(url).origin) return { location, status: response.status }
      request = { url: location.href, init: {} }
      continue
    }
    const html = await response.text()
    const form = formOf(html)
    if (!form.action || response.status !== 200) return { status: response.status, html }
    const body = new URLSearchParams([...form.fields, [answer, answer]])
    request = {
      url: new URL(form.action, request.url).href,
      init: { method: 'POST', body: body.toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    }
  }
  return { status: 0, html: 'too many pages' }
}

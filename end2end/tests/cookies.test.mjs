// The cookie that keeps people signed in goes to Keyslot alone: cookies know no ports, and what a session serves on
// this machine must not get it.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { before, describe, it } from 'node:test'
import { hydrated } from '../support/browser.mjs'
import { signIn } from '../support/road.mjs'
import { setStage } from '../support/stage.mjs'

/** What an agent may serve for people to look at; keeps every header of who looks. */
async function devServer(stage) {
  const asked = []
  const server = createServer((request, response) => {
    asked.push(request.headers)
    response.setHeader('content-type', 'text/html')
    response.end('<!DOCTYPE html><title>A preview</title><img src="/image"><script>fetch("/data", { credentials: "include" })</script>')
  })
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready))
  stage.later(() => new Promise((done) => server.close(done) && server.closeAllConnections()))
  return { port: server.address().port, asked }
}

describe('the cookie', () => {
  const stage = setStage()
  let server, preview, page, context
  before(async () => {
    server = await stage.server()
    preview = await devServer(stage)
    ;({ page, context } = await stage.open())
  })

  it('is given by a button and not by looking at the link', async () => {
    for (let look = 0; look < 2; look++) {
      await page.goto(server.link)
      await page.getByRole('button', { name: 'Sign in as Owner' }).waitFor()
      assert.deepEqual(await context.cookies(), [])
    }
    await signIn(page, server)
    const [cookie, ...others] = await context.cookies()
    assert.deepEqual([cookie.name, cookie.domain, cookie.httpOnly, others.length], ['keyslot', 'keyslot.localhost', true, 0])
  })

  it('does not reach a dev server on another port of this machine', async () => {
    for (const name of ['127.0.0.1', 'localhost']) {
      const loaded = page.waitForResponse((answer) => answer.url().endsWith('/data'))
      await page.goto(`http://${name}:${preview.port}/`)
      await loaded
    }
    assert.ok(preview.asked.length >= 4, 'the previews were loaded')
    assert.ok(preview.asked.some((headers) => headers['sec-fetch-dest'] === 'empty'), 'and their scripts asked')
    assert.deepEqual(preview.asked.filter((headers) => headers.cookie), [], 'nobody sent a cookie')
  })

  it('is sent where pages are, however they are asked for', async () => {
    await page.goto(`http://127.0.0.1:${server.port}/settings/secrets?q=x`)
    assert.equal(page.url(), `${server.origin}/settings/secrets?q=x`)
    await hydrated(page)
    await page.getByRole('heading', { level: 1, name: 'Secrets' }).waitFor()
  })

  it('goes with everything else that the browser kept when its owner signs out', async () => {
    await page.evaluate(() => localStorage.setItem('kept', 'yes'))
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL(/\/sign-in$/)
    assert.deepEqual(await context.cookies(), [])
    assert.equal(await page.evaluate(() => localStorage.getItem('kept')), null)
  })
})

describe('a form without scripts', () => {
  const stage = setStage()

  it('tells once what went wrong, and not in the address', async () => {
    const { page } = await stage.signedIn(await stage.server(), { javaScriptEnabled: false })
    await page.getByLabel('Git URL or local path').fill('/nowhere/at/all')
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByText('There is no git repository at /nowhere/at/all').waitFor()
    assert.match(new URL(page.url()).search, /^\?form-problem=[0-9a-f-]{36}$/)
    await page.reload()
    assert.equal(await page.getByText('There is no git repository').count(), 0)
  })
})

// Values of the organization: held until somebody lets the configuration use them.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { agentOf, card } from '../support/agent.mjs'
import { hasStatus, hydrated, row } from '../support/browser.mjs'
import { VALUES, makeProject } from '../support/project.mjs'
import { connect, holds, post, reloadUntil } from '../support/road.mjs'
import { read, runPostgres } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

const KEYS = ['DATABASE_URL', 'SESSION_SECRET', 'STRIPE_SECRET_KEY']

for (const javaScriptEnabled of [true, false]) {
  describe(`organization values ${javaScriptEnabled ? 'with' : 'without'} scripts`, () => {
    const stage = setStage()
    let server, page, context, session
    before(async () => {
      server = await stage.server()
      ;({ page, context } = await stage.signedIn(server, { javaScriptEnabled }))
      for (const key of KEYS) await post(context, server, 'add_secret', { key, value: VALUES.STRIPE_SECRET_KEY })
      session = await connect(page, stage.project(makeProject()), { trusted: false })
      await reloadOrWait(page.locator('[data-slot][data-status="held"]'))
    })
    const reloadOrWait = (locator) => (javaScriptEnabled ? locator.first().waitFor() : reloadUntil(page, locator))

    it('are held, and nothing is written', async () => {
      for (const key of KEYS) await hasStatus(page, key, 'held')
      await row(page, 'DATABASE_URL').getByText('The organization has a value.').waitFor()
      await page.getByText('The organization has 3 values that this configuration does not use yet').waitFor()
      assert.doesNotMatch(read(session, server, 'apps/web/.env.local'), /canary/)
    })

    it('are used one by one', async () => {
      await page.getByRole('button', { name: "Use it: the organization's value of DATABASE_URL" }).click()
      await hasStatus(page, 'DATABASE_URL', 'set')
      await hasStatus(page, 'SESSION_SECRET', 'held')
      await holds(session, server, '.env', /^DATABASE_URL=/m)
    })

    it('are used all at once', async () => {
      await page.getByRole('button', { name: 'Use all 2 values' }).click()
      for (const key of KEYS) await hasStatus(page, key, 'set')
      await holds(session, server, '.env', /^STRIPE_SECRET_KEY=/m)
    })

    it('are taken back', async () => {
      await page.getByRole('button', { name: "Stop using it here: the organization's value of SESSION_SECRET" }).click()
      await hasStatus(page, 'SESSION_SECRET', 'held')
    })

    it('are never where a value is saved unasked', async () => {
      const scope = row(page, 'SESSION_SECRET').getByLabel('Scope for SESSION_SECRET')
      assert.match(await scope.inputValue(), /^repository:/)
      if (!javaScriptEnabled) {
        const said = page.locator('.panel > noscript p')
        await said.waitFor()
        return assert.match(await said.textContent(), /reaches every configuration/)
      }
      await scope.selectOption({ label: 'Organization' })
      await row(page, 'SESSION_SECRET').getByText('Used by 1 configuration now, fills 1 missing value.').waitFor()
    })

    it('are used from the list of repositories', async () => {
      await page.goto(`${server.origin}/`)
      if (javaScriptEnabled) await hydrated(page)
      await page.getByRole('button', { name: 'Use 1 organization value in ' }).click()
      await page.getByRole('button', { name: 'Use 1 organization value in ' }).waitFor({ state: 'detached' })
      await holds(session, server, '.env', /^SESSION_SECRET=/m)
    })

    it('are used from the card of a request, all at once', async () => {
      const target = `session:${session}`
      for (const key of KEYS.slice(1)) await post(context, server, 'withdraw_release', { target, key })
      const agent = await agentOf(context, server, session)
      const { id } = await agent.ask({ keys: KEYS.slice(1).map((key) => ({ key })) })
      await page.goto(`${server.origin}/sessions/${session}`)
      if (javaScriptEnabled) await hydrated(page)
      await card(page, id).getByRole('button', { name: 'Use all 2 values in the request' }).click()
      const request = await agent.request(id)
      assert.equal(request.state, 'answered')
      assert.doesNotMatch(JSON.stringify(request), /canary/)
      await reloadOrWait(card(page, id).and(page.locator('[data-request="answered"]')))
      await holds(session, server, '.env', /^SESSION_SECRET=/m)
    })
  })
}

describe('organization values that others may release', () => {
  const stage = setStage()
  let server, page
  before(async () => {
    server = await stage.server({ backend: 'postgres' })
    const owner = await stage.signedIn(server)
    page = owner.page
    for (const key of KEYS) await post(owner.context, server, 'add_secret', { key, value: VALUES.STRIPE_SECRET_KEY })
    await post(owner.context, server, 'set_releasers', { key: 'SESSION_SECRET', releasers: 'members' })
    await connect(page, stage.project(makeProject()), { trusted: false })
    await hasStatus(page, 'DATABASE_URL', 'held')
  })
  const become = async (role) => {
    runPostgres(server.databaseUrl, `UPDATE members SET role = '${role}'`)
    await page.reload()
    await hydrated(page)
    await hasStatus(page, 'DATABASE_URL', 'held')
  }
  const offers = () => page.getByRole('button', { name: /^Use / })

  it('are for nobody who only looks', async () => {
    await become('viewer')
    await row(page, 'DATABASE_URL').getByText('An owner or admin can let this configuration use it.').waitFor()
    assert.equal(await offers().count(), 0)
  })

  it('are for a member where the secret says so', async () => {
    await become('member')
    assert.deepEqual(await offers().evaluateAll((all) => all.map((one) => one.ariaLabel)), [
      "Use it: the organization's value of SESSION_SECRET",
    ])
    await offers().click()
    await hasStatus(page, 'SESSION_SECRET', 'set')
    await hasStatus(page, 'DATABASE_URL', 'held')
  })
})

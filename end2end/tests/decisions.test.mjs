// The answers of README's "Design decisions", each held against the product. The tab that opens at the first spec is in
// road.test.mjs, the banner of a work session that waits in gate.test.mjs.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { agentOf, asked, card, field } from '../support/agent.mjs'
import { hasStatus, hydrated, row } from '../support/browser.mjs'
import { expectBadge, fill, openTab, post, sessionOf } from '../support/road.mjs'
import { setStage } from '../support/stage.mjs'

const ORGANIZATION = 'UNRELATED_TOKEN'
const tab = (page, name) => page.getByRole('link', { name: new RegExp(`^${name}`) })
const isShown = async (page, name) => (await tab(page, name).getAttribute('aria-current')) === 'true'
const focused = (page) => page.evaluate(() => document.activeElement === document.body || document.activeElement === null)

describe('the design decisions', () => {
  const stage = setStage()
  let server, session, page, context
  before(async () => {
    ;({ server, session, page, context } = await stage.setup())
    await post(context, server, 'add_secret', { key: ORGANIZATION, value: 'unrelated', description: '' })
  })

  it('(a) the panel shows what this configuration needs by file; other organization secrets stand folded below', async () => {
    await page.reload()
    await hydrated(page)
    await openTab(page, 'Environment')
    const panel = page.getByRole('region', { name: 'Environment', exact: true })
    assert.equal(await row(page, ORGANIZATION).count(), 0, 'it is no slot of this configuration')
    const folded = panel.locator('details.unused')
    assert.equal(await folded.evaluate((details) => details.open), false)
    assert.ok(!(await folded.getByText(ORGANIZATION).isVisible()))
    const last = await row(page, 'PRIVATE_KEY').evaluate(
      (slot) => slot.compareDocumentPosition(document.querySelector('details.unused')) & Node.DOCUMENT_POSITION_FOLLOWING,
    )
    assert.ok(last, 'below the files')
    await folded.locator('summary').click()
    await folded.getByText(ORGANIZATION).waitFor()
  })

  it('(b) the panel mirrors the card of a request: filling either fills both', async () => {
    const agent = await agentOf(context, server, session)
    const { id } = await agent.ask({ keys: [{ key: 'FROM_CARD' }, { key: 'FROM_PANEL' }] })
    for (const key of ['FROM_CARD', 'FROM_PANEL']) {
      await asked(page, id, key).waitFor()
      await hasStatus(page, key, 'missing')
    }
    await field(page, id, 'FROM_CARD').fill('one')
    await card(page, id).getByRole('button', { name: 'Save FROM_CARD in the request' }).click()
    await hasStatus(page, 'FROM_CARD', 'set')
    await fill(page, 'FROM_PANEL', 'two')
    await card(page, id).getByText('All answered').waitFor()
  })

  it('(c) a setup opens the tab once and leaves the focus, its badge counts, and nothing interrupts before the end', async () => {
    // In a new browser tab the first spec is news again.
    const { page } = await stage.beside(context, `${server.origin}/sessions/${session}`)
    await page.waitForFunction(() => document.querySelector('a[aria-current="true"]')?.textContent.startsWith('Environment'))
    assert.ok(await focused(page), 'the focus was not taken')
    await expectBadge(page, '5')
    assert.equal(await page.locator('[data-gate]').count(), 0, 'no banner')
    assert.equal(await page.getByRole('dialog').count(), 0, 'no dialog')
    await openTab(page, 'Info')
    const agent = await agentOf(context, server, session)
    await agent.saveEnvFiles({ files: [{ path: '.env', keys: [{ key: 'NEWLY_FOUND' }] }] })
    await expectBadge(page, '1')
    assert.ok(await isShown(page, 'Info'), 'who left the tab is not brought back')
    await page.reload()
    await hydrated(page)
    assert.ok(await isShown(page, 'Info'), 'nor by a reload')
    await page.goto(`${server.origin}/sessions/${session}`)
    await hydrated(page)
    assert.ok(await isShown(page, 'Environment'), 'it is the usual tab of a setup')
    assert.equal(await page.getByRole('dialog').count(), 0, 'no dialog')
    await page.getByRole('button', { name: 'Finish setup' }).click()
    const question = page.getByRole('dialog')
    await question.getByText('NEWLY_FOUND').waitFor()
    await question.getByRole('button', { name: 'Keep filling in' }).click()
  })

  it('(d) the repositories page has each configuration\'s readiness, the counts of its files, and the same panel in place', async () => {
    const { page } = await stage.beside(context, `${server.origin}/`)
    await page.getByText('Needs 1 value', { exact: true }).first().waitFor()
    assert.match(await page.getByRole('list', { name: 'Required values set, by file' }).innerText(), /\.env 0\/1/)
    await page.getByRole('button', { name: 'Values of shop' }).click()
    const value = page.getByLabel('Value for NEWLY_FOUND', { exact: true })
    await value.fill('three')
    await value.press('Enter')
    await page.getByText('Ready', { exact: true }).first().waitFor()
    assert.equal(new URL(page.url()).pathname, '/', 'no session was entered')
  })

  it('(e) the secrets have a page with an address that works without scripts, and no dialog', async () => {
    const { page } = await stage.beside(context, `${server.origin}/sessions/${session}?tab=info`)
    await page.getByRole('link', { name: 'Manage secrets' }).click()
    await row(page, 'NEWLY_FOUND').waitFor()
    assert.equal(sessionOf(page), session, 'secrets of a session are managed in its own panel')
    const plain = await stage.beside(context, `${server.origin}/settings/secrets`, { javaScriptEnabled: false })
    const secret = plain.page.locator(`[data-secret="${ORGANIZATION}"]`)
    await secret.getByText('Owner').first().waitFor()
    await secret.getByText(/unused|not used/i).first().waitFor()
    for (const one of [page, plain.page]) assert.equal(await one.getByRole('dialog').count(), 0)
    await plain.page.locator('main').getByText(/Add/).first().waitFor()
    await plain.page.locator('main').getByText(/Import/).first().waitFor()
  })
})

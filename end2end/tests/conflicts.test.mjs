// Attached repositories disagree: both sides are shown, and one click ends it.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { agentOf } from '../support/agent.mjs'
import { hasStatus, hydrated, row } from '../support/browser.mjs'
import { holds, openTab, post, sessionOf } from '../support/road.mjs'
import { makeRepository } from '../support/server.mjs'
import { setStage } from '../support/stage.mjs'

const TOKEN = [{ key: 'TOKEN' }]
const FILES = ['shop/.env', 'api/.env', '.env']

describe('a conflict between repositories', () => {
  const stage = setStage()
  let server, page, context, session
  before(async () => {
    const shop = stage.project(makeRepository({ 'README.md': '# Shop\n' }))
    const api = stage.project(makeRepository({ 'README.md': '# API\n' }, 'api'))
    server = await stage.server()
    ;({ page, context } = await stage.signedIn(server))
    const path = await post(context, server, 'create_configuration', {
      name: 'Both',
      'places[0][location]': shop,
      'places[0][path]': 'shop',
      'places[1][location]': api,
      'places[1][path]': 'api',
    })
    await page.goto(`${server.origin}${path}?tab=environment`)
    await hydrated(page)
    session = sessionOf(page)
    await page.getByText('Open', { exact: true }).first().waitFor()
    const agent = await agentOf(context, server, session)
    await agent.saveEnvFiles({ files: FILES.map((path) => ({ path, keys: TOKEN })) })
  })

  const save = async (file, value) => {
    const slot = row(page, 'TOKEN', file)
    const replace = slot.getByRole('button', { name: 'Replace TOKEN' })
    if (await replace.isVisible()) await replace.click()
    const field = slot.getByLabel('Value for TOKEN', { exact: true })
    await field.fill(value)
    await field.press('Enter')
    await field.waitFor({ state: 'detached' })
  }
  const side = (name, on = page) => row(on, 'TOKEN', '.env').locator('.side', { hasText: name }).filter({ has: on.locator('strong', { hasText: name }) })

  it('shows both sides with who, when and whether they are the same', async () => {
    await hasStatus(page, 'TOKEN', 'missing', 'shop/.env')
    await save('shop/.env', 'of the shop')
    await save('api/.env', 'of the api!')
    await hasStatus(page, 'TOKEN', 'conflict', '.env')
    await side('shop').getByText(/version 1, 11 bytes, set by Owner on .*, another value than api/).waitFor()
    await side('api').getByText(/version 1, 11 bytes, set by Owner on .*, another value than shop/).waitFor()
  })

  it('asks once, naming what is replaced, and uses one value for both', async () => {
    await side('shop').getByText("Use shop's value", { exact: true }).click()
    await side('shop').getByText("api's own value (version 1, set by Owner) is replaced").waitFor()
    await side('shop').getByRole('button', { name: "Yes, use shop's value: TOKEN" }).click()
    await hasStatus(page, 'TOKEN', 'set', '.env')
    for (const file of FILES) await holds(session, server, file, /^TOKEN='?of the shop'?$/m)
    await page.locator('.thread').getByText('ended the conflict of TOKEN').first().waitFor()
  })

  it('ends by a plain form too', async () => {
    await save('api/.env', 'other again')
    await hasStatus(page, 'TOKEN', 'conflict', '.env')
    const plain = await stage.beside(context, page.url(), { javaScriptEnabled: false })
    await side('api', plain.page).getByText("Use api's value", { exact: true }).click()
    await side('api', plain.page).getByRole('button', { name: "Yes, use api's value: TOKEN" }).click()
    await plain.page.locator('[data-slot="TOKEN"][data-file=".env"][data-status="set"]').waitFor()
    for (const file of FILES) await holds(session, server, file, /^TOKEN='?other again'?$/m)
    // The page that was open all the while follows.
    await hasStatus(page, 'TOKEN', 'set', '.env')
    await openTab(page, 'Environment')
    assert.equal(await row(page, 'TOKEN', '.env').locator('.side').count(), 0)
    await plain.context.close()
  })
})

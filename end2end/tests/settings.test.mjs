// Settings › Secrets: the organization's values, seen by what uses them, on two pages at once and without JavaScript.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hydrated, keyboard, row } from '../support/browser.mjs'
import { inPreview, paste, preview } from '../support/import.mjs'
import { VALUES } from '../support/project.mjs'
import { fill, holds, openTab } from '../support/road.mjs'
import { setStage } from '../support/stage.mjs'

const secret = (page, key) => page.locator(`[data-secret="${key}"]`)
/** A file in which the key does not stand. */
const WITHOUT = /^(?![^]*DATABASE_URL)/
const settings = async (page, server, query = '') => {
  await page.goto(`${server.origin}/settings/secrets${query}`)
  await page.getByRole('heading', { name: 'Secrets', exact: true }).waitFor()
}

for (const backend of ['sqlite', 'postgres']) {
  describe(`the organization's secrets on ${backend}`, () => {
    const stage = setStage()
    let server, session, one, other
    before(async () => {
      one = await stage.setup({ backend })
      ;({ server, session } = one)
      other = await stage.beside(one.context, `${server.origin}/settings/secrets`)
      await settings(one.page, server)
      await hydrated(one.page)
    })

    it('is reached from the header and says what will stand there', async () => {
      await one.page.goto(`${server.origin}/`)
      await one.page.getByRole('link', { name: 'Settings' }).click()
      await one.page.getByText('No secrets yet').waitFor()
      await hydrated(one.page)
      assert.equal(await one.page.getByRole('link', { name: 'Settings' }).getAttribute('aria-current'), 'page')
    })

    it('adds a secret, upper-cased as it is typed, which reaches the running sandbox and the other page', async () => {
      const { page } = one
      const key = page.getByLabel('Key', { exact: true })
      await key.pressSequentially('my-key')
      assert.equal(await key.inputValue(), 'MY-KEY')
      await page.getByText("'-' is not allowed").waitFor()
      await key.fill('')
      await key.pressSequentially('database_url')
      // The caret stays where somebody corrects something.
      await key.press('Home')
      await key.pressSequentially('x')
      assert.equal(await key.evaluate((field) => [field.value, field.selectionStart].join()), 'XDATABASE_URL,1')
      await key.press('Backspace')
      await page.getByLabel(/^Description/).first().fill('Where orders are kept')
      const value = page.getByLabel('Value for the new secret', { exact: true })
      const eye = page.getByRole('button', { name: 'Show value of the new secret' })
      assert.equal(await value.getAttribute('data-masked'), '')
      await eye.click()
      assert.equal(await value.getAttribute('data-masked'), null)
      await page.getByRole('button', { name: 'Add secret' }).click()
      await page.getByText('Nothing was typed.').waitFor()
      await value.fill(VALUES.DATABASE_URL)
      await value.press('Enter')
      for (const { page } of [one, other]) {
        await secret(page, 'DATABASE_URL').getByText('Where orders are kept').waitFor()
        await secret(page, 'DATABASE_URL').getByRole('link', { name: 'shop' }).waitFor()
      }
      // The form is ready for the next one.
      await keyboard(page, (here) => here.id === 'new-secret-key' && here.value === '')
      await holds(session, server, '.env', `DATABASE_URL='${VALUES.DATABASE_URL}'`)
    })

    it('offers to replace where there is a value already', async () => {
      const { page } = one
      await page.getByLabel('Key', { exact: true }).fill('database_url')
      await page.getByText('DATABASE_URL has a value already, set by').first().waitFor()
      const value = page.getByLabel('Value for the new secret', { exact: true })
      await value.fill('postgres://second')
      await value.press('Enter')
      await page.getByText('Nothing was saved. Replace it if you mean to.').waitFor()
      assert.equal(await value.inputValue(), 'postgres://second', 'what was typed is kept')
      await page.getByRole('link', { name: 'Replace the value of DATABASE_URL' }).click()
      await secret(other.page, 'DATABASE_URL').getByText('Version 2').waitFor()
      await holds(session, server, '.env', 'postgres://second')
    })

    it('refuses what a file cannot carry, by the file and the reason', async () => {
      const { page } = one
      await secret(page, 'DATABASE_URL').getByRole('button', { name: 'Replace DATABASE_URL' }).click()
      const value = secret(page, 'DATABASE_URL').getByLabel('Value for DATABASE_URL', { exact: true })
      await value.fill('it\'s "both"')
      await value.press('Enter')
      await secret(page, 'DATABASE_URL').getByText('.env cannot hold this value').waitFor()
      await page.getByRole('link', { name: 'Cancel replacing DATABASE_URL' }).click()
      await value.waitFor({ state: 'detached' })
    })

    it('asks before it replaces what somebody else saved meanwhile', async () => {
      const open = async (page, text) => {
        await secret(page, 'DATABASE_URL').getByRole('button', { name: 'Replace DATABASE_URL' }).click()
        const field = secret(page, 'DATABASE_URL').getByLabel('Value for DATABASE_URL', { exact: true })
        await field.fill(text)
        return field
      }
      const mine = await open(one.page, 'mine')
      const theirs = await open(other.page, 'theirs')
      await theirs.press('Enter')
      await secret(one.page, 'DATABASE_URL').getByText('Version 3').waitFor()
      assert.equal(await mine.inputValue(), 'mine', 'the news does not touch what is typed')
      await mine.press('Enter')
      await secret(one.page, 'DATABASE_URL').getByText('saved a value for DATABASE_URL meanwhile').waitFor()
      await mine.press('Enter')
      await secret(other.page, 'DATABASE_URL').getByText('Version 4').waitFor()
      await holds(session, server, '.env', /^DATABASE_URL=.?mine.?$/m)
    })

    it('a value saved for the organization in a panel stands here at once, and a description is changed', async () => {
      const panel = await stage.beside(one.context, `${server.origin}/sessions/${session}?tab=environment`)
      await fill(panel.page, 'PUBLIC_NAME', VALUES.PUBLIC_NAME, { scope: 'Organization' })
      await panel.context.close()
      await secret(one.page, 'PUBLIC_NAME').waitFor()
      await one.page.getByRole('button', { name: 'Describe PUBLIC_NAME' }).click()
      await one.page.getByLabel('Description of PUBLIC_NAME', { exact: true }).fill('Shown in the title')
      await one.page.getByRole('button', { name: 'Save description of PUBLIC_NAME' }).click()
      await secret(other.page, 'PUBLIC_NAME').getByText('Shown in the title').waitFor()
    })

    it('finds as somebody types, and keeps a row in which they work', async () => {
      const { page } = one
      await page.getByLabel('Key', { exact: true }).fill('LOST')
      await page.getByLabel('Value for the new secret', { exact: true }).fill('x')
      await page.getByRole('button', { name: 'Add secret' }).click()
      await secret(page, 'LOST').getByText('Unused').waitFor()
      await keyboard(page, (here) => here.id === 'new-secret-key' && here.value === '')
      const search = page.getByRole('searchbox', { name: 'Search secrets' })
      await search.fill('unused')
      await page.getByText('1 of 3 secrets').waitFor()
      assert.ok(!(await secret(page, 'PUBLIC_NAME').isVisible()))
      await search.fill('title shop')
      await secret(page, 'PUBLIC_NAME').waitFor()
      await page.getByRole('button', { name: 'Replace PUBLIC_NAME' }).click()
      await secret(page, 'PUBLIC_NAME').getByLabel('Value for PUBLIC_NAME', { exact: true }).fill('half')
      await search.fill('nothing has these words')
      await page.getByText('0 of 3 secrets').waitFor()
      assert.equal(await secret(page, 'PUBLIC_NAME').getByLabel('Value for PUBLIC_NAME', { exact: true }).inputValue(), 'half')
      await page.getByRole('link', { name: 'Cancel replacing PUBLIC_NAME' }).click()
      await secret(page, 'PUBLIC_NAME').waitFor({ state: 'detached' })
      await search.fill('')
      await page.getByText('3 secrets', { exact: true }).waitFor()
    })

    it('names what a deletion breaks, asks once, and takes the value out everywhere', async () => {
      const { page } = one
      await page.getByRole('button', { name: 'Delete DATABASE_URL' }).click()
      const question = secret(page, 'DATABASE_URL')
      await question.getByText('Will be missing, though it is required:').waitFor()
      await question.getByText('shop: .env').waitFor()
      await page.getByRole('link', { name: 'Keep DATABASE_URL' }).click()
      await keyboard(page, (here) => here.getAttribute('aria-label') === 'Delete DATABASE_URL')
      await page.getByRole('button', { name: 'Delete DATABASE_URL' }).click()
      await page.getByRole('button', { name: 'Yes, delete DATABASE_URL' }).click()
      for (const { page } of [one, other]) await secret(page, 'DATABASE_URL').waitFor({ state: 'detached' })
      await holds(session, server, '.env', WITHOUT)
    })

    it('takes a pasted env file after a preview, for the organization', async () => {
      const { page } = one
      await paste(page, `DATABASE_URL=${VALUES.DATABASE_URL}\nLOST=x\nFROM_FILE=canary`, { at: 'main' })
      await inPreview(page, 'LOST', 'same').waitFor()
      await inPreview(page, 'FROM_FILE').waitFor()
      assert.equal(await secret(page, 'FROM_FILE').count(), 0, 'nothing is saved before it is confirmed')
      await preview(page).getByLabel('Save FROM_FILE').check()
      await preview(page).getByRole('button', { name: /^Save \d values?$/ }).click()
      for (const { page } of [one, other]) await secret(page, 'FROM_FILE').getByText('Unused').waitFor()
    })

    it('opens the Environment tab by "Manage secrets", not a dialog', async () => {
      const { page } = one
      await page.goto(`${server.origin}/sessions/${session}?tab=info`)
      await hydrated(page)
      await openTab(page, 'Info')
      await page.getByRole('link', { name: 'Manage secrets' }).click()
      await row(page, 'DATABASE_URL').waitFor()
      assert.equal(await page.getByRole('link', { name: /^Environment/ }).getAttribute('aria-current'), 'true')
      assert.equal(await page.getByRole('dialog').count(), 0)
      await settings(page, server)
      assert.equal(await page.getByRole('dialog').count(), 0)
    })
  })
}

describe('the secrets without JavaScript', () => {
  const stage = setStage()
  let server, page, session
  before(async () => {
    ;({ server, page, session } = await stage.setup({ javaScriptEnabled: false }))
  })

  const add = async (key, value) => {
    const form = page.getByLabel('Key', { exact: true })
    if (!(await form.isVisible())) await page.getByText('Add a secret').click()
    await form.fill(key)
    await page.getByLabel('Value for the new secret', { exact: true }).fill(value)
    await page.getByRole('button', { name: 'Add secret' }).click()
  }

  it('adds, refuses, searches, replaces, describes and deletes by plain forms', async () => {
    await settings(page, server)
    await add('database_url', VALUES.DATABASE_URL)
    await secret(page, 'DATABASE_URL').getByRole('link', { name: 'shop' }).waitFor()
    await holds(session, server, '.env', `DATABASE_URL='${VALUES.DATABASE_URL}'`)

    await add('my-key', 'x')
    await page.getByText("'-' is not allowed").waitFor()
    await add('DATABASE_URL', 'it\'s "both"')
    await page.getByText('.env cannot hold this value').waitFor()
    assert.ok(!page.url().includes('both'), 'what was typed stands in no address')
    await add('DATABASE_URL', 'postgres://second')
    await page.getByText('Nothing was saved. Replace it if you mean to.').waitFor()
    await page.getByRole('link', { name: 'Replace the value of DATABASE_URL' }).click()
    await secret(page, 'DATABASE_URL').getByLabel('Value for DATABASE_URL', { exact: true }).fill('postgres://second')
    await page.getByRole('button', { name: 'Save DATABASE_URL' }).click()
    await secret(page, 'DATABASE_URL').getByText('Version 2').waitFor()
    assert.equal(await secret(page, 'DATABASE_URL').getByLabel('Value for DATABASE_URL', { exact: true }).count(), 0, 'it closed')
    await holds(session, server, '.env', 'postgres://second')

    await add('LOST', 'x')
    await settings(page, server, '?q=unused')
    await page.getByText('1 of 2 secrets').waitFor()
    await page.getByRole('searchbox', { name: 'Search secrets' }).fill('database')
    await page.getByRole('button', { name: 'Search', exact: true }).click()
    await secret(page, 'DATABASE_URL').waitFor()
    assert.equal(await secret(page, 'LOST').count(), 0)

    await page.getByRole('button', { name: 'Describe DATABASE_URL' }).click()
    await page.getByLabel('Description of DATABASE_URL', { exact: true }).fill('Where orders are kept')
    await page.getByRole('button', { name: 'Save description of DATABASE_URL' }).click()
    await secret(page, 'DATABASE_URL').getByText('Where orders are kept').waitFor()
    await page.getByRole('button', { name: 'Delete DATABASE_URL' }).click()
    await secret(page, 'DATABASE_URL').getByText('shop: .env').waitFor()
    await page.getByRole('button', { name: 'Yes, delete DATABASE_URL' }).click()
    await page.getByText('1 secret', { exact: true }).waitFor()
    await holds(session, server, '.env', WITHOUT)
  })
})

// The whole setup with the keyboard alone: the pointer is never used, and the keyboard's place is always to be seen.
import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { hasStatus, hydrated, keyboard } from '../support/browser.mjs'
import { expectBadge, sessionOf } from '../support/road.mjs'
import { setStage } from '../support/stage.mjs'

/** More stops than any page of a small project has. */
const STOPS = 150

describe('with the keyboard alone', () => {
  const stage = setStage()
  let project, page
  before(async () => {
    project = stage.project()
    ;({ page } = await stage.signedIn(await stage.server()))
  })

  /** Goes from stop to stop until the control of this name has the keyboard; every stop on the way can be seen. */
  async function tabTo(locator, key = 'Tab') {
    for (let stop = 0; stop < STOPS; stop++) {
      if (await locator.evaluate((element) => element === document.activeElement)) return
      await page.keyboard.press(key)
      const unseen = await page.evaluate(() => {
        const here = document.activeElement
        if (here === document.body) return null
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(here)
        const marked = (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
        return marked ? null : here.outerHTML.slice(0, 120)
      })
      assert.equal(unseen, null, 'the keyboard stands where nobody sees it')
    }
    throw new Error(`the keyboard never gets to ${locator}`)
  }

  it('a repository is connected and its values are filled in, one after the other', async () => {
    const location = page.getByLabel('Git URL or local path')
    await tabTo(location)
    await page.keyboard.type(project)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sessions\//)
    await hydrated(page)
    await hasStatus(page, 'DATABASE_URL', 'missing')
    await expectBadge(page, '5')

    await tabTo(page.getByLabel('Value for DATABASE_URL', { exact: true }))
    await page.keyboard.type('postgres://db.internal/shop')
    await page.keyboard.press('Enter')
    await hasStatus(page, 'DATABASE_URL', 'set')
    // After a save the keyboard stands in the next field that is missing.
    const next = page.getByLabel('Value for SESSION_SECRET', { exact: true })
    await keyboard(page, (here) => here.closest('[data-slot]')?.dataset.slot === 'SESSION_SECRET')
    assert.ok(await next.evaluate((element) => element === document.activeElement))
    await tabTo(page.getByRole('button', { name: 'Generate SESSION_SECRET' }))
    await page.keyboard.press('Enter')
    await hasStatus(page, 'SESSION_SECRET', 'set')
    const left = { STRIPE_SECRET_KEY: 'sk_test_4eC39HqLyjWD', PUBLIC_NAME: 'Shop', PRIVATE_KEY: '-----BEGIN KEY----- by hand -----END KEY-----' }
    for (const [key, value] of Object.entries(left)) {
      await tabTo(page.getByLabel(`Value for ${key}`, { exact: true }))
      await page.keyboard.type(value)
      await page.keyboard.press('Enter')
      await hasStatus(page, key, 'set')
    }
    await expectBadge(page, '')
  })

  it('the setup is finished and a work session started', async () => {
    const setup = sessionOf(page)
    await tabTo(page.getByRole('button', { name: 'Finish setup' }), 'Shift+Tab')
    await page.keyboard.press('Enter')
    const start = page.getByRole('button', { name: 'Start work session' }).first()
    await start.waitFor()
    await tabTo(start)
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => /\/sessions\//.test(url.pathname) && !url.pathname.endsWith(setup))
    await page.getByText('Running', { exact: true }).first().waitFor()
  })

  it('the content is one stop away on every page', async () => {
    await page.reload()
    await hydrated(page)
    await page.keyboard.press('Tab')
    await keyboard(page, (here) => here.textContent === 'Skip to the content')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#main$/)
  })
})

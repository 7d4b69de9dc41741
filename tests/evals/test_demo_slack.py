import aiohttp

from evals.demo_slack import demo


async def test_the_page_of_the_demo_workspace_is_served():
    async with demo() as url, aiohttp.ClientSession() as browser, browser.get(url) as page:
        assert page.status == 200
        assert "<html" in (await page.text()).lower()

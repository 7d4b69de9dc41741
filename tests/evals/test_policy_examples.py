from evals.policy_examples import BLOCK, PAGE, rewritten


async def test_the_ten_examples_of_the_page_print_what_it_shows() -> None:
    page = PAGE.read_text()

    assert len(BLOCK.findall(page)) == 10
    assert await rewritten(page) == page

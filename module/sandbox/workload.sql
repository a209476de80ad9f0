-- What the shop asks all day, so that the server has counted it. Which index is right is known for each statement, and said above it.
-- Runs at the very end: nothing but these statements and those of lived-in.sql is counted.

-- step: A customer's orders
-- repeat: 40
-- Right: (customer_id, placed_at). One customer of 4,000 in some 240,000 rows.
SELECT id, placed_at, status, total_cents FROM shop.orders WHERE customer_id = 1707 AND placed_at >= '2020-01-01' ORDER BY placed_at DESC;

-- step: Orders that wait
-- repeat: 30
-- Right: (placed_at) WHERE shipped_at IS NULL. One order of 200 waits, and they are wanted in the order of their times.
SELECT id, customer_id, placed_at FROM shop.orders WHERE shipped_at IS NULL AND placed_at < 'tomorrow' ORDER BY placed_at LIMIT 20;

-- step: What is in an order
-- repeat: 90
-- Right: (order_id) of order_lines, which is its foreign key. The order itself is found by its primary key.
SELECT l.product_id, l.quantity, l.price_cents FROM shop.orders AS o JOIN shop.order_lines AS l ON l.order_id = o.id WHERE o.id = 4711;

-- step: Takings by channel
-- repeat: 10
-- Right: none. It reads nearly every row, and wide ones.
SELECT channel, status, count(*), sum(total_cents), max(length(note)) FROM shop.orders WHERE total_cents > 200 GROUP BY channel, status;

-- step: What a campaign's vouchers are worth
-- repeat: 6
-- Right: none. (campaign) looks good: a campaign has ten of 40,000 vouchers, and by its cost the statement is nearly all reading. In truth
-- its time goes into dearer_lines, of which the planner knows no more than that it is a function. Built, the index saves the reading, a
-- few hundredths of the time: which is only known once it is measured.
SELECT id, worth_cents, shop.dearer_lines(worth_cents) AS dearer FROM shop.vouchers WHERE campaign = 1711 ORDER BY dearer DESC;

-- step: Orders that left before they came
-- repeat: 25
-- Right: none of the columns. (total_cents) looks good: the planner takes any comparison of two columns to hold for a third of the rows,
-- so an index in the wanted order seems to meet twenty of them at once. In truth half a dozen of all rows hold it, and the index is
-- read to its end, a page of the table for each entry. Such luck is not built upon: it is left to a person.
SELECT id, customer_id, placed_at, shipped_at FROM shop.orders WHERE shipped_at < placed_at ORDER BY total_cents DESC LIMIT 20;

-- step: One order
-- repeat: 60
-- Right: none. The primary key answers it.
SELECT status, shipped_at FROM shop.orders WHERE id = 12345;

-- step: Visits as they come
-- repeat: 300
INSERT INTO shop.visits (session, page, visited_at) VALUES (12, '/products/7', now());

-- step: Pages of a session
-- repeat: 3
-- Right: none. It would help these three, and cost every visit.
SELECT page, visited_at FROM shop.visits WHERE session = 4321 ORDER BY visited_at;

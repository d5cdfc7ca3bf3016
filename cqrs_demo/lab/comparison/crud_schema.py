"""What the CRUD contestants prepare for reading: indexes, or summaries that triggers keep.

SQLite has no materialized views, so this one is made of what others make them of: tables, and
triggers that change them in the transaction of the write. The name of a user is not copied into
them: it is one look-up away, and renaming stays one row.
"""

NO_INDEXES = ("orders_of_user", "orders_by_time", "lines_of_product")  # that the rungs have

INDEXES = (
    """CREATE INDEX newest_of_user ON orders (user_id, placed_at DESC, order_id)
        WHERE placed_at IS NOT NULL""",
    "CREATE INDEX newest ON orders (placed_at DESC, order_id) WHERE placed_at IS NOT NULL",
    "CREATE INDEX orders_by_status ON orders (status, order_id)",
    "CREATE INDEX lines_by_product ON order_lines (sku, order_id, quantity, unit_price_cents)",
    "CREATE INDEX products_by_name ON products (name, sku)",
)

SUMMARY_TABLES = (
    """CREATE TABLE order_summaries (
        user_id TEXT NOT NULL, placed_at TEXT NOT NULL, order_id TEXT NOT NULL,
        status TEXT NOT NULL, item_count BIGINT NOT NULL, total_cents BIGINT NOT NULL,
        PRIMARY KEY (user_id, placed_at DESC, order_id)) WITHOUT ROWID""",
    "CREATE INDEX summaries_by_time ON order_summaries (placed_at DESC, order_id)",
    """CREATE TABLE product_sales (
        sku TEXT PRIMARY KEY, quantity BIGINT NOT NULL, revenue_cents BIGINT NOT NULL)""",
    "CREATE INDEX sales_by_revenue ON product_sales (revenue_cents DESC, sku)",
    """CREATE TABLE product_words (
        word TEXT NOT NULL, sku TEXT NOT NULL, PRIMARY KEY (word, sku)) WITHOUT ROWID""",
)

_SUMMARIES = """INSERT INTO order_summaries
    SELECT o.user_id, o.placed_at, o.order_id, o.status,
        SUM(l.quantity), SUM(l.quantity * l.unit_price_cents)
    FROM orders o JOIN order_lines l ON l.order_id = o.order_id
    WHERE o.placed_at IS NOT NULL AND {} GROUP BY o.order_id"""
_SALES = """INSERT INTO product_sales
    SELECT l.sku, SUM(l.quantity), SUM(l.quantity * l.unit_price_cents)
    FROM orders o JOIN order_lines l ON l.order_id = o.order_id
    WHERE o.status IN ('placed', 'shipped') AND {} GROUP BY l.sku
    ON CONFLICT (sku) DO UPDATE SET quantity = quantity + excluded.quantity,
        revenue_cents = revenue_cents + excluded.revenue_cents"""
# A name becomes a list in JSON, whose elements SQLite can give as rows.
_WORDS = """INSERT OR IGNORE INTO product_words
    SELECT value, sku FROM products,
        json_each('[' || replace(json_quote(lower(name)), ' ', '","') || ']')
    WHERE value <> '' AND {}"""

FILL_SUMMARIES = tuple(sql.format("1 = 1") for sql in (_SUMMARIES, _SALES, _WORDS))

TRIGGERS = (
    f"""CREATE TRIGGER order_placed AFTER UPDATE OF status ON orders
        WHEN OLD.status = 'draft' AND NEW.status = 'placed' BEGIN
            {_SUMMARIES.format("o.order_id = NEW.order_id")};
            {_SALES.format("o.order_id = NEW.order_id")};
        END""",
    """CREATE TRIGGER order_ended AFTER UPDATE OF status ON orders
        WHEN OLD.status = 'placed' BEGIN
            UPDATE order_summaries SET status = NEW.status WHERE user_id = NEW.user_id
                AND placed_at = NEW.placed_at AND order_id = NEW.order_id;
        END""",
    """CREATE TRIGGER order_cancelled AFTER UPDATE OF status ON orders
        WHEN OLD.status = 'placed' AND NEW.status = 'cancelled' BEGIN
            UPDATE product_sales
                SET quantity = product_sales.quantity - l.quantity,
                    revenue_cents = revenue_cents - l.quantity * l.unit_price_cents
                FROM order_lines l
                WHERE l.order_id = NEW.order_id AND l.sku = product_sales.sku;
            DELETE FROM product_sales WHERE quantity = 0;
        END""",
    f"""CREATE TRIGGER product_added AFTER INSERT ON products BEGIN
            {_WORDS.format("sku = NEW.sku")};
        END""",
)

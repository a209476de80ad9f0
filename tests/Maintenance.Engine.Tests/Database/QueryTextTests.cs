using Maintenance.Engine.Database;

namespace Maintenance.Engine.Tests.Database;

public sealed class QueryTextTests
{
    [Theory]
    [InlineData("SELECT * FROM users WHERE name = 'SECRET'", "SELECT * FROM users WHERE name = ?")]
    [InlineData("SELECT 'it''s SECRET', x", "SELECT ?, x")]
    [InlineData(@"SELECT E'it\'s SECRET' || x", "SELECT ? || x")]
    [InlineData(@"SELECT e'a\\' , 'SECRET'", "SELECT ? , ?")]
    [InlineData("SELECT U&'\\0053ECRET' UESCAPE '!'", "SELECT ? UESCAPE ?")]
    [InlineData("SELECT N'SECRET', B'0101', X'5ec8e7'", "SELECT ?, ?, ?")]
    [InlineData("SELECT $$SECRET$$, $1", "SELECT ?, $1")]
    [InlineData("SELECT $a$ $$ SECRET $b$ $a$, y", "SELECT ?, y")]
    [InlineData("DO $x1$ SECRET $x1$", "DO ?")]
    [InlineData("SELECT 42, -1.5e-10, .5, 0xFF, 1_000, 1e5", "SELECT ?, -?, ?, ?, ?, ?")]
    [InlineData("SELECT a1, t2.c3 FROM t2 LIMIT 10", "SELECT a1, t2.c3 FROM t2 LIMIT ?")]
    [InlineData("SELECT a$1$b$SECRET", "SELECT a$1$b$SECRET")]
    [InlineData("SELECT 1 -- SECRET\nFROM t", "SELECT ? FROM t")]
    [InlineData("SELECT /* SECRET /* nested */ SECRET */ x", "SELECT x")]
    [InlineData("SELECT \"Mixed Case\".\"a\"\"b\" FROM t", "SELECT \"Mixed Case\".\"a\"\"b\" FROM t")]
    [InlineData("SELECT * FROM t WHERE mail = \"secret@example.com\"", "SELECT * FROM t WHERE mail = ?")]
    [InlineData("SELECT * FROM t WHERE phone = \"0049123456789\"", "SELECT * FROM t WHERE phone = ?")]
    [InlineData("ALTER ROLE app PASSWORD 'SECRET'", "ALTER ROLE app PASSWORD ?")]
    [InlineData("  a\r\n\t b  ", "a b")]
    [InlineData("", "")]
    public void Literals_and_comments_go_and_the_statement_stays(string sql, string expected) => Assert.Equal(expected, QueryText.Redact(sql));

    [Theory]
    // Cut off in the middle, as the server does with long statements.
    [InlineData("SELECT 'SECRET")]
    [InlineData("SELECT E'SECRET\\")]
    [InlineData("SELECT $tag$SECRET")]
    [InlineData("SELECT $tag$SECRET$ta")]
    [InlineData("SELECT \"SECRET")]
    [InlineData("SELECT 1 /* SECRET")]
    [InlineData("SELECT 1 /* a */ x /* SECRET /* */")]
    [InlineData("SELECT 1 -- SECRET")]
    // With standard_conforming_strings off a backslash escapes the quote.
    [InlineData(@"SELECT 'it\'s SECRET', 1")]
    [InlineData(@"SELECT 'C:\', 'SECRET'")]
    [InlineData(@"SELECT 'a\'', SECRET'")]
    // The second part of a string in two parts goes on as the first began.
    [InlineData("SELECT E'a'\n'b\\' SECRET'")]
    [InlineData("SELECT 1$$SECRET$$")]
    [InlineData("SELECT 1'SECRET'")]
    // Not an E-string: to PostgreSQL what is beyond ASCII belongs to the name.
    [InlineData("SELECT éE'\\'' SECRET'")]
    [InlineData("SELECT 😀E'\\'' SECRET'")]
    [InlineData("SELECT xE'\\'' SECRET'")]
    [InlineData("SELECT '\0SECRET\0'")]
    public void Nothing_secret_is_left_of_hostile_or_broken_text(string sql) =>
        Assert.DoesNotContain("SECRET", QueryText.Redact(sql), StringComparison.Ordinal);

    [Fact]
    public void What_is_left_is_one_short_line_of_printable_characters()
    {
        Assert.Equal("SELECT a [? b c d FROM t", QueryText.Redact("SELECT a\u001b[31\u0007b \u202ec\u2028d FROM t"));
        var all = string.Concat(Enumerable.Range(0, 0x3000).Select(code => (char)code).Where(character => character is not ('\'' or '"' or '$')));
        Assert.DoesNotContain(QueryText.Redact(all), character => char.IsControl(character) || char.GetUnicodeCategory(character) == System.Globalization.UnicodeCategory.Format);
    }

    [Fact]
    public void The_length_is_bounded_and_a_cut_is_seen()
    {
        var text = QueryText.Redact("SELECT " + string.Join(", ", Enumerable.Range(0, 100_000).Select(number => $"column{number}")));
        Assert.Equal(QueryText.MaximumLength, text.Length);
        Assert.EndsWith("…", text, StringComparison.Ordinal);
        Assert.Equal("SELECT …", QueryText.Redact("SELECT something", 8));
    }

    [Fact]
    public void Any_text_can_be_read_however_it_is_cut()
    {
        const string Sql = "SELECT E'a\\'b', 'c''d', $x$ ' $x$, U&\"e\", /* f /* g */ */ 1.5e-3, \"h\"\"i\" -- j\nFROM k WHERE l = $1";
        for (var start = 0; start < Sql.Length; start++)
        {
            for (var length = 0; length <= Sql.Length - start; length++)
            {
                Assert.NotNull(QueryText.Redact(Sql.Substring(start, length)));
            }
        }
    }
}

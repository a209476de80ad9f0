using Maintenance.Engine.Performance.Indexes;

namespace Maintenance.Engine.Tests.Performance;

/// <summary>Texts of pg_stat_statements, whose constants have become parameters, as SQL again.</summary>
public sealed class StatementTextTests
{
    [Theory]
    [InlineData("SELECT 1 FROM t WHERE d = date $1", "SELECT 1 FROM t WHERE d = CAST($1 AS date)")]
    [InlineData("SELECT 1 FROM t WHERE d > now() - interval $1", "SELECT 1 FROM t WHERE d > now() - CAST($1 AS interval)")]
    [InlineData("SELECT 1 FROM t WHERE d = timestamp with time zone $1", "SELECT 1 FROM t WHERE d = CAST($1 AS timestamp with time zone)")]
    [InlineData("SELECT t.date FROM t WHERE u = uuid $1", "SELECT t.date FROM t WHERE u = CAST($1 AS uuid)")]
    [InlineData("SELECT 1 FROM t WHERE k = ANY (ARRAY[$1, $2]) AND a = $3", "SELECT 1 FROM t WHERE k  IN ($1, $2) AND a = $3")]
    [InlineData("SELECT 1 FROM t WHERE k=any(array[$1])", "SELECT 1 FROM t WHERE k IN ($1)")]
    [InlineData("SELECT 1 FROM t WHERE k = ANY (ARRAY[$1, $2]::int[])", "SELECT 1 FROM t WHERE k = ANY (ARRAY[$1, $2]::int[])")]
    [InlineData("SELECT 1 FROM t WHERE k = ANY (ARRAY[$1, a])", "SELECT 1 FROM t WHERE k = ANY (ARRAY[$1, a])")]
    [InlineData("SELECT 1 FROM t WHERE k = ANY ($1)", "SELECT 1 FROM t WHERE k = ANY ($1)")]
    [InlineData("SELECT 1 FROM t WHERE k = ANY (ARRAY[$1", "SELECT 1 FROM t WHERE k = ANY (ARRAY[$1")]
    [InlineData("SELECT extract($1 FROM at) FROM t", "SELECT date_part($1, at) FROM t")]
    [InlineData("SELECT extract(epoch FROM at) FROM t", "SELECT extract(epoch FROM at) FROM t")]
    public void What_is_no_sql_any_more_is_made_so(string kept, string prepared) => Assert.Equal(prepared, StatementText.ToPrepare(kept, null));

    [Theory]
    [InlineData("SELECT 1 FROM t WHERE d > current_date - $1", "SELECT 1 FROM t WHERE d > current_date - CAST($1 AS integer)")]
    [InlineData("SELECT 1 FROM t WHERE d = CAST($1 AS date) - $2", "SELECT 1 FROM t WHERE d = CAST($1 AS date) - CAST($2 AS integer)")]
    [InlineData("SELECT 1 FROM t WHERE d = $1::date + $2 AND a > now() - $3", "SELECT 1 FROM t WHERE d = $1::date + CAST($2 AS integer) AND a > now() - $3|SELECT 1 FROM t WHERE d = $1::date + CAST($2 AS integer) AND a > now() - CAST($3 AS integer)")]
    [InlineData("SELECT 1 FROM t WHERE d < e - $1", "SELECT 1 FROM t WHERE d < e - CAST($1 AS integer)")]
    [InlineData("SELECT 1 FROM t WHERE d > now() - $1::interval AND n = - $2", "")]
    public void What_is_added_to_a_date_is_a_number_of_days(string text, string tried) => Assert.Equal(tried, string.Join('|', StatementText.WithDays(text)));

    [Fact]
    public void The_parameters_that_are_left_of_a_limit_are_numbered_without_a_gap() =>
        Assert.Equal("SELECT 1 FROM t WHERE k  IN ($1, $2) LIMIT 3", StatementText.ToPrepare("SELECT 1 FROM t WHERE k = ANY (ARRAY[$1, $2]) LIMIT $3", 2.5));
}

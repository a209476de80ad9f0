using Maintenance.Engine.Security.Rows;

namespace Maintenance.Engine.Tests.Security;

public sealed class SideEffectsTests
{
    private static RowRelation Relation(string text, params long[] uses) => new(1, "public", "t", "public.t", 'r', "postgres", true, false, false, text, uses, true);

    private static RowFunction Function(long oid, string name, string text, string language = "sql", bool trusted = true, bool isVolatile = false) => new(oid, name, language, trusted, isVolatile, text);

    private static string? Of(RowRelation relation, bool writing, params RowFunction[] functions) => new SideEffects([relation], functions).Of(relation, writing);

    [Fact]
    public void A_policy_that_only_looks_may_be_tried() =>
        Assert.Null(Of(Relation("(owner = auth.uid())", 2), true, Function(2, "uid", "CREATE OR REPLACE FUNCTION auth.uid() AS $$ SELECT current_setting('request.jwt.claim.sub', true)::uuid $$")));

    [Theory]
    [InlineData("PERFORM pg_advisory_lock(1)")]
    [InlineData("RESET ROLE")]
    [InlineData("set local role postgres")]
    [InlineData("EXECUTE format('x')")]
    [InlineData("SELECT set_config('role', 'postgres', true)")]
    [InlineData("SELECT dblink_exec('x')")]
    public void What_no_rollback_undoes_is_not_tried_however_deep_it_lies(string body)
    {
        var inner = Function(3, "inner_one", $"CREATE OR REPLACE FUNCTION inner_one() AS $$ {body} $$");
        Assert.NotNull(Of(Relation("outer_one()", 2), false, Function(2, "outer_one", "CREATE OR REPLACE FUNCTION outer_one() AS $$ SELECT inner_one() $$"), inner));
    }

    [Fact]
    public void A_function_with_a_name_that_is_no_word_is_followed_too() =>
        Assert.Contains("RESET ROLE", Of(
            Relation("outer_one()", 2), false,
            Function(2, "outer_one", "CREATE OR REPLACE FUNCTION outer_one() AS $$ SELECT \"do \"\"it\"\" now\"() $$"),
            Function(3, "do \"it\" now", "CREATE OR REPLACE FUNCTION x AS $$ RESET ROLE $$")), StringComparison.Ordinal);

    [Fact]
    public void Writing_is_left_to_the_server_to_refuse_where_the_transaction_is_read_only()
    {
        var logs = Function(2, "logs", "CREATE OR REPLACE FUNCTION logs() AS $$ INSERT INTO seen VALUES (1) $$");
        Assert.Null(Of(Relation("logs()", 2), false, logs));
        Assert.Contains("INSERT", Of(Relation("logs()", 2), true, logs), StringComparison.Ordinal);
        Assert.NotNull(Of(Relation("f()", 2), true, Function(2, "f", "CREATE OR REPLACE FUNCTION f() AS $$ SELECT nextval('s') $$")));
    }

    [Theory]
    [InlineData("plpython3u", false, false, true)]
    [InlineData("c", true, true, true)]
    [InlineData("c", true, false, false)]
    public void What_cannot_be_read_is_not_tried(string language, bool trusted, bool isVolatile, bool refused) =>
        Assert.Equal(refused, Of(Relation("f()", 2), false, Function(2, "f", "", language, trusted, isVolatile)) is not null);

    [Fact]
    public void Random_values_are_no_harm() => Assert.Null(Of(Relation("gen_random_bytes()", 2), true, Function(2, "gen_random_bytes", "", "c", true, true)));

    [Fact]
    public void Functions_that_call_each_other_come_to_an_end() =>
        Assert.Null(Of(Relation("f()", 2), true, Function(2, "f", "SELECT g()"), Function(3, "g", "SELECT f()")));
}

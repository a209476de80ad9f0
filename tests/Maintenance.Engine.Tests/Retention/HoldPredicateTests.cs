using Maintenance.Engine.Retention;

namespace Maintenance.Engine.Tests.Retention;

public sealed class HoldPredicateTests
{
    [Theory]
    [InlineData("severity = 'critical'")]
    [InlineData("user_id IN (SELECT user_id FROM public.legal_holds WHERE until > pg_catalog.now())")]
    [InlineData("note = 'it''s ) -- not; /* a */ comment' AND \"odd \"\" (name\" IS NOT NULL")]
    [InlineData("note = E'a\\'b) OR (true'")]
    [InlineData("tags[1] = 'x' OR (a AND (b OR c))")]
    [InlineData("EXISTS (SELECT FROM public.holds AS h WHERE h.id = error_logs.id)")]
    public void A_condition_that_stays_in_its_parentheses_is_taken(string predicate) => Assert.Null(HoldPredicate.Check(predicate));

    [Theory]
    [InlineData("false) OR (true", "A parenthesis closes that was not opened.")]
    [InlineData("(a", "A parenthesis is not closed.")]
    [InlineData("a[1", "A parenthesis is not closed.")]
    [InlineData("true; DROP TABLE x", "It must be one condition; a semicolon ends a statement.")]
    [InlineData("true -- ", "It may hold no comment.")]
    [InlineData("true /* ", "It may hold no comment.")]
    [InlineData("a = 'x", "A quote in it is not closed.")]
    [InlineData("a = \"x", "A quote in it is not closed.")]
    // The backslash hides the quote that seems to close it.
    [InlineData("a = E'x\\' OR (true", "A quote in it is not closed.")]
    // Without E it does not, and what follows is open.
    [InlineData("a = 'x\\' OR (true'", "A quote in it is not closed.")]
    [InlineData("a = $q$) OR (true$q$", "It may hold no $: neither parameters nor dollar-quoted strings.")]
    [InlineData("a = $1", "It may hold no $: neither parameters nor dollar-quoted strings.")]
    [InlineData("  ", "It is empty.")]
    [InlineData("a\0", "It holds a character that no SQL can.")]
    public void What_could_leave_its_parentheses_is_refused(string predicate, string why) => Assert.Equal(why, HoldPredicate.Check(predicate));
}

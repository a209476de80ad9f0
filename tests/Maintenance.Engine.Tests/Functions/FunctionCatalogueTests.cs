using System.Text.RegularExpressions;
using Maintenance.Engine.Functions;
using Newtonsoft.Json.Linq;

namespace Maintenance.Engine.Tests.Functions;

public sealed class FunctionCatalogueTests
{
    private static T Read<T>(FunctionAction<T> action, string result)
        where T : notnull => action.Read(JObject.Parse($$"""{"result":{{result}}}"""));

    private static MaintenanceException Fails<T>(FunctionAction<T> action, string result)
        where T : notnull => Assert.Throws<MaintenanceException>(() => Read(action, result));

    [Fact]
    public void There_are_22_pairs_and_three_are_never_asked_twice()
    {
        Assert.Equal(22, FunctionCatalogue.All.Select(action => (action.Function, action.Action)).Distinct().Count());
        Assert.Equal(["update_baselines", "optimize_performance", "auto_resolve_issues"], FunctionCatalogue.All.Where(action => !action.Idempotent).Select(action => action.Action));
        Assert.Null(FunctionCatalogue.Find("error-tracking", "delete_everything"));
        Assert.NotNull(FunctionCatalogue.Find("my-own", "health_check"));
    }

    [Theory]
    [InlineData("""{}""", MaintenanceErrorCode.FunctionFieldMissing, "$.result.error_rate")]
    [InlineData("""{"error_rate":null,"critical_errors_count":1}""", MaintenanceErrorCode.FunctionFieldNull, "$.result.error_rate")]
    [InlineData("""{"error_rate":"2","critical_errors_count":1}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.error_rate")]
    [InlineData("""{"error_rate":true,"critical_errors_count":1}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.error_rate")]
    [InlineData("""{"error_rate":-1,"critical_errors_count":1}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.error_rate")]
    [InlineData("""{"error_rate":101,"critical_errors_count":1}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.error_rate")]
    [InlineData("""{"error_rate":NaN,"critical_errors_count":1}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.error_rate")]
    [InlineData("""{"error_rate":1e999,"critical_errors_count":1}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.error_rate")]
    [InlineData("""{"error_rate":1,"critical_errors_count":1.5}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.critical_errors_count")]
    [InlineData("""{"error_rate":1,"critical_errors_count":123456789012345678901234567890}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.critical_errors_count")]
    [InlineData("""{"error_rate":1,"critical_errors_count":1,"top_errors":{}}""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result.top_errors")]
    [InlineData("""{"error_rate":1,"critical_errors_count":1,"top_errors":[{"count":1}]}""", MaintenanceErrorCode.FunctionFieldMissing, "$.result.top_errors[0].message")]
    [InlineData("""[]""", MaintenanceErrorCode.FunctionFieldInvalid, "$.result")]
    [InlineData("""null""", MaintenanceErrorCode.FunctionFieldNull, "$.result")]
    public void What_is_not_as_agreed_is_an_error_with_its_path(string result, MaintenanceErrorCode code, string path)
    {
        var exception = Fails(FunctionCatalogue.ErrorAnalytics, result);
        Assert.Equal(code, exception.Code);
        Assert.Matches($@"{Regex.Escape(path)}[ .]", exception.Message);
    }

    [Fact]
    public void Exponents_are_numbers_and_texts_are_errors_too()
    {
        var analytics = Read(FunctionCatalogue.ErrorAnalytics, """{"error_rate":1e-05,"critical_errors_count":2e1,"top_errors":["plain",{"message":"m","count":3,"component":"function-x"}]}""");
        Assert.Equal((0.00001, 20), (analytics.ErrorRate, analytics.CriticalErrorsCount));
        Assert.Equal(["plain", "m"], analytics.TopErrors.Select(error => error.Message));
        Assert.Equal((3L, "function-x"), (analytics.TopErrors[1].Count!.Value, analytics.TopErrors[1].Component));
    }

    [Fact]
    public void A_priority_may_be_a_number()
    {
        var report = Read(FunctionCatalogue.ComplianceReport, """{"compliance_score":99.5,"action_items":[{"action":"a","priority":1},{"action":"b","priority":"high"},{"action":"c"}],"issues":[{"issue":"i"},"j"]}""");
        Assert.Equal(["1", "high", null], report.ActionItems.Select(item => item.Priority));
        Assert.Equal(["i", "j"], report.Issues);
    }

    [Theory]
    [InlineData("""{"status":"healthy"}""", "healthy")]
    [InlineData("""{"result":{"status":"unhealthy"}}""", "unhealthy")]
    public void Health_is_at_the_top_or_below_result(string body, string expected) =>
        Assert.Equal(expected, FunctionCatalogue.HealthCheckOf("x").Read(JObject.Parse(body)).Status);

    [Fact]
    public void Values_are_never_quoted() =>
        Assert.DoesNotContain("alice@example.com", Fails(FunctionCatalogue.ErrorRate, """{"error_rate":"alice@example.com"}""").ToString(), StringComparison.Ordinal);
}

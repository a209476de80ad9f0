using Maintenance.Engine.Security;

namespace Maintenance.Engine.Tests.Security;

public sealed class SqlSecretsTests
{
    [Theory]
    [InlineData("(((current_setting('request.headers'::text, true))::json ->> 'x-api-key'::text) = 's3cr3t-Zk92mQpX'::text)", "'[redacted, 15 characters]'::text)")]
    [InlineData("((secret)::text = 'aB9(b);c''d{9}$ x1'::text)", "((secret)::text = '[redacted, 18 characters]'::text)")]
    [InlineData(" SELECT 's3cr3t-Zk92mQpX'::character varying(20) AS api_key", " SELECT '[redacted, 15 characters]'::character varying(20) AS api_key")]
    [InlineData("((current_setting('app.secret'::text, true))::text = 's3cr3t-Zk92mQpX'::text)", "'[redacted, 15 characters]'::text)")]
    [InlineData("password = 48291735", "password = [redacted, 8 characters]")]
    [InlineData("f('{\"Authorization\":\"Bearer eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2lnbmF0dXJlLW9m\"}')", "f('[redacted, 85 characters]')")]
    public void A_literal_with_a_secret_is_found_and_hidden_whole(string sql, string shown)
    {
        Assert.Single(SqlSecrets.Find(sql));
        Assert.EndsWith(shown, SqlSecrets.Mask(sql), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(secret = current_setting('app.secret'::text, true))")]
    [InlineData("(secret = vault.get_secret('stripe-key-v2'::text))")]
    [InlineData("FROM (vault.decrypted_secrets decrypted_secrets_1 JOIN x ON (true))")]
    [InlineData("ALTER SYSTEM SET password_encryption = 'scram-sha-256';")]
    [InlineData("ALTER USER MAPPING FOR postgres SERVER away OPTIONS (DROP password, DROP sslpassword);")]
    [InlineData("REVOKE SELECT (api_key) ON public.secret FROM authenticated;")]
    public void What_only_speaks_of_secrets_stays_as_it_is(string sql)
    {
        Assert.Empty(SqlSecrets.Find(sql));
        Assert.Equal(sql, SqlSecrets.Mask(sql));
    }

    [Fact]
    public void A_column_compared_with_another_is_no_secret() => Assert.Empty(SqlSecrets.Find("(auth_secret = other_column_1)"));

    [Fact]
    public void What_is_no_SQL_is_hidden_too() =>
        Assert.Equal("host all all ldap ldapserver=x ldapbindpasswd=[redacted, 12 characters]", SqlSecrets.Mask("host all all ldap ldapserver=x ldapbindpasswd=q7Xw2Rt9Lm4P"));

    [Fact]
    public void A_fault_shows_no_secret_and_a_statement_with_one_is_none()
    {
        var check = SecurityCatalogue.Checks[0];
        var fault = new Fault("p", "The rule password=q7Xw2Rt9Lm4P.")
        {
            Evidence = new Dictionary<string, object?> { ["Using"] = "(secret = 'q7Xw2Rt9Lm4P'::text)", ["List"] = new[] { "secret=q7Xw2Rt9Lm4P" }, ["Line"] = 7 },
            FixSql = "CREATE POLICY p ON t USING (secret = 'q7Xw2Rt9Lm4P');",
        };
        var finding = Assert.Single(SecurityAuditor.Findings(check, CheckResult.Of([fault]), "auditor", "shop"));
        Assert.DoesNotContain("q7Xw2Rt9Lm4P", System.Text.Json.JsonSerializer.Serialize(finding), StringComparison.Ordinal);
        Assert.Null(finding.FixSql);
        Assert.Equal(7, finding.Evidence["Line"]);
    }
}

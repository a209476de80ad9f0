using Maintenance.Engine.Security;

namespace Maintenance.Engine.Tests.Security;

public sealed class SecretDetectorTests
{
    [Theory]
    [InlineData("x = 'https://hooks.slack.com/services/T0/B0/abcdefghijklmnopqrstuvwx'", "Slack webhook")]
    [InlineData("Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.c2lnbmF0dXJlLW9m", "JSON web token")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJlLW9m", "JSON web token of the service role")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----", "private key")]
    [InlineData("AKIAIOSFODNN7EXAMPLE", "AWS access key")]
    [InlineData("postgres://app:hunter2@db:5432/x", "connection string with a password")]
    [InlineData("DefaultEndpointsProtocol=https;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==", "Azure storage key")]
    [InlineData("sb_secret_abcdefghijklmnopqrstuv", "Supabase secret key")]
    [InlineData("password: kD8-fj2_Qx", "value named password")]
    [InlineData("v_api_key := 'a8f5f167f44f4964e6c998dee827110c';", "value named v_api_key")]
    public void Secrets_are_found_by_form_or_by_name_and_never_shown(string text, string kind)
    {
        var found = Assert.Single(SecretDetector.Find(text));
        Assert.Equal(kind, found.Kind);
        Assert.Matches(@"^\[redacted, \d+ characters\]$", found.Redacted);
    }

    [Theory]
    [InlineData("UPDATE users SET password = crypt(new_password, gen_salt('bf'))")]
    [InlineData("IF new.password_hash = old.password_hash THEN")]
    [InlineData("secret_key := current_setting('app.secret_key')")]
    [InlineData("password: ********")]
    [InlineData("password = your-password-here")]
    [InlineData("SELECT decrypted_secret FROM vault.decrypted_secrets WHERE name = 'api_key'")]
    [InlineData("Tokens expire after an hour; the password must not be reused")]
    [InlineData("https://example.com/path?x=1")]
    [InlineData("password => password_parameter")]
    [InlineData("")]
    public void What_only_speaks_of_secrets_is_none(string text) => Assert.Empty(SecretDetector.Find(text));

    [Theory]
    [InlineData("app.jwt_secret", "s3cr3t-Zk92mQpX", true)]
    [InlineData("app.settings.token", "q7Xw2Rt9Lm4P", true)]
    [InlineData("app.user_name", "q7Xw2Rt9Lm4P", false)]
    [InlineData("app.jwt_exp", "3600", false)]
    public void A_setting_s_name_announces_a_secret(string name, string value, bool expected) =>
        Assert.Equal(expected, SecretDetector.Find(name, value).Count > 0);
}

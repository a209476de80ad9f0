using System.Text;
using Maintenance.Engine.Security.Scan.Secrets;

namespace Maintenance.Engine.Tests.Security.Scan;

/// <summary>Our own look for secrets in source. Every secret here is made up, and a tilde keeps it from being taken for one in this file.</summary>
public sealed class SourceSecretsTests
{
    private const string Material = "MIIEpAIBAAKCAQEAq7Zt0pVw9Kx2Rj5Lm8Nc3Bv6Ty1Ud4Gs7Hf0Qe";

    private static readonly string ServiceRole = Token("""{"iss":"supabase","ref":"qwertyuiopasdfghjklz","role":"service_role","iat":1700000000}""");

    private static string Token(string claims) => $"eyJhbGciOiJIUzI1NiJ9.{Convert.ToBase64String(Encoding.UTF8.GetBytes(claims)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.k3Vb9Qw7Zx5Lp2Rt8Yn4Mc6Jd1Hf0Gs";

    private static IReadOnlyList<SourceSecret> Find(string text, string name = "a.js") =>
        SourceText.FindAsync(new MemoryStream(Encoding.UTF8.GetBytes(text.Replace("~", ""))), name, TestContext.Current.CancellationToken).GetAwaiter().GetResult();

    public static TheoryData<string, string, string> Secrets => new()
    {
        { "a.ts", $"const supabase = createClient(url, '{ServiceRole}')", "supabase-service-role-token" },
        { "a.ts", $"const supabase = createClient(url, '{Token("""{"role":"anon","iss":"supabase"}""")}')", "supabase-anonymous-token" },
        { "a.ts", $"jwt: '{Token("""{"sub":"7"}""")}'", "json-web-token" },
        { "a.js", "await fetch('https://acct.blob.core.windows.net/c/b?sv=2024-01-01&sr=b&sig=q7Xw2Rt9Lm4Pz8Vb3Nc6Jd1Hf0Gs5Ke%2B%2Fy8%3D')", "azure-shared-access-signature" },
        { "a.xml", "<add value=\"https://acct.blob.core.windows.net/c?sv=2024-01-01&amp;sig=q7Xw2Rt9Lm4Pz8Vb3Nc6Jd1Hf0Gs5Ke%2By8%3D\" />", "azure-shared-access-signature" },
        { "appsettings.json", "\"Storage\": \"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=q7Xw2Rt9Lm4Pz8Vb3Nc6Jd1Hf0Gs5KeYu2Io9Pa4Sd7Fg1Hj6Kl3Zx8Cv5Bn0Mq==\"", "azure-storage-key" },
        { "appsettings.json", "\"Bus\": \"Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=q7Xw2Rt9Lm4Pz8Vb3Nc6Jd1Hf0Gs5KeYu2Io9Pa4Sd=\"", "azure-storage-key" },
        { "a.js", "post('https://hooks.sl~ack.com/services/T7G2K9Q4M/B3X8V1N6P/q7Xw2Rt9Lm4Pz8Vb3Nc6Jd1H')", "slack-webhook" },
        { "a.js", "const url = 'postgres://app:q7Xw2Rt9@db.internal:5432/app'", "connection-string-with-a-password" },
        { "web.config", "connectionString=\"Server=db;User Id=app;Password=q7Xw2Rt9!Lm;\"", "named-value" },
        { "id_rsa", $"-----BEGIN RSA PRIVATE KEY-----\n{Material}\n", "private-key" },
        { "a.pem", $"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00FF\n\n{Material}\n", "private-key" },
        { "sa.json", $"\"private_key\": \"-----BEGIN PRIVATE KEY-----\\n{Material}\\n-----END PRIVATE KEY-----\\n\"", "private-key" },
        { ".env", "DATABASE_PASSWORD=q7Xw2Rt9Lm4P", "named-value" },
        { ".env.production", "SUPABASE_KEY=sb_~secret_q7Xw2Rt9Lm4Pz8Vb3Nc6", "supabase-secret-key" },
        { "deploy.sh", "psql --password q7Xw2Rt9Lm4P", "named-value" },
        { "a.py", "API_KEY = \"q7Xw2Rt9Lm4Pz8Vb\"", "named-value" },
        { "a.tf", "access_key = \"AK~IAQ7XW2RT7LM4PZ5VB\"", "aws-access-key" },
        { "migration.sql", "CREATE ROLE app LOGIN PASSW~ORD 'kq93JfLs02MnXz71QpWe';", "named-value" },
        { "migration.sql", "ALTER USER app WITH ENCRYPTED passw~ord 'Zx9kQ2mW7v!';", "named-value" },
        { "prod.env", "API_TOK~EN=kq93JfLs02MnXz71QpWe", "named-value" },
        { "settings.py", "SECR~ET_KEY = 'p7$kq93jfls02mnxz71qpwe-83hd'", "named-value" },
        { "settings.py", "SECR~ET_KEY2 = 'p7(kq93)jfls02&mnxz71qpwe'", "named-value" },
        { "settings.py", "DB_PA~SS = 'kq93JfLs02MnXz71QpWe'", "named-value" },
        { "prod.env", "DB_PA~SS=kq93JfLs02MnXz71QpWe", "named-value" },
        { "settings.py", "ENCRYPTION_K~EY = 'kq93JfLs02MnXz71QpWe'", "named-value" },
        { "settings.py", "DEPLOY_TOK~EN = 'kq93JfLs02MnXz71QpWe'", "named-value" },
        { "a.js", "auth: { user: 'app', pa~ss: 'kq93JfLs02MnXz71QpWe' }", "named-value" },
        { "settings.py", "URL = 'postgres://admin:Winter12345!@db.prod.internal/prod'", "connection-string-with-a-password" },
        { "settings.py", "URL = 'postgres://admin:Win%40ter98Qx@db.prod.internal/prod'", "connection-string-with-a-password" },
        { ".pgpass", "db.prod:5432:prod:app:kq93JfLs02MnXz71QpWe", "password-file" },
        { "pgpass.conf", "db\\:x:*:*:app:short", "password-file" },
        { ".netrc", "machine git.prod login bob passw~ord kq93JfLs02MnXz71QpWe", "password-file" },
        { ".npmrc", "//registry.npmjs.org/:_authTok~en=npm_kq93JfLs02MnXz71QpWekq93JfLs02MnXz71", "named-value" },
        { "call.sh", "curl -H \"Authorization: Bea~rer kq93JfLs02MnXz71QpWe8dhf\" https://api.prod.internal", "authorization-header" },
        { "a.js", "headers: { 'Authorization': 'Bea~rer kq93JfLs02MnXz71QpWe8dhf' }", "authorization-header" },
        { "a.js", "post('https://hooks.sl~ack.com/services/T02AB3C4D/B05EF6G7H/abcdefQ7Xw2Rt9Lm4Pz8Vb3')", "slack-webhook" },
        { "a.js", "const passw~ord = 'Fake12345Qz9'", "named-value" },
        { "a.js", "const passw~ord = 'sampleQ8zR4tW1'", "named-value" },
        { "a.js", "const t = 'gh~p_q7Xw2Rt9Lm4Pz8Vb3Nc6Jd1Hf0Gs5KeYu2Io'", "github-token" },
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public void Secrets_are_found_with_kind_and_line(string file, string text, string kind)
    {
        var found = Assert.Single(Find("// first\n" + text + "\n", file));
        Assert.Equal((kind, 2), (found.Kind, found.Line));
    }

    [Theory]
    [InlineData(".env.example", "DATABASE_PASSWORD=your-password-here")]
    [InlineData(".env", "DATABASE_PASSWORD=")]
    [InlineData(".env", "DATABASE_PASSWORD=${SECRET_FROM_VAULT1}")]
    [InlineData(".env", "DATABASE_PASSWORD=changeme123")]
    [InlineData(".env", "SECRET_FILE_PASSWORD=/run/secrets/db_password1")]
    [InlineData("a.js", "const password = process.env.DB_PASSWORD_1")]
    [InlineData("a.js", "password: req.body.password1,")]
    [InlineData("a.js", "if (password === confirmPassword1) {")]
    [InlineData("a.yml", "password: config.database.password1")]
    [InlineData("a.yml", "password: op://vault/item/field1")]
    [InlineData("a.md", "Set it like this: postgres://user:password@localhost:5432/app")]
    [InlineData("a.md", "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX")]
    [InlineData("a.md", "AKIAIOSFODNN7EXAMPLE")]
    [InlineData("a.js", "if (text.startsWith('-----BEGIN RSA PRIVATE KEY-----')) {")]
    [InlineData("a.js", "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==")]
    [InlineData("a.cs", "ScanKind.Secrets => \"SECRET-FOUND\",")]
    [InlineData("a.js", "const apiKey = 'x-functions-key'")]
    [InlineData("a.md", "The password must not be reused, and secrets expire after 30 days.")]
    [InlineData("a.js", "git@github.com:owner/repository.git")]
    [InlineData(".env", "API_TOKEN=changeme")]
    [InlineData(".env", "API_TOKEN=changeme12345")]
    [InlineData(".env", "API_TOKEN=${API_TOKEN_1}")]
    [InlineData(".env", "API_TOKEN=env:API_TOKEN_1")]
    [InlineData(".env", "API_TOKEN=<your-token-1>")]
    [InlineData(".env", "DB_PASS=xxxxxxxxxxxx")]
    [InlineData(".env", "DB_PASS=0123456789abcdef")]
    [InlineData(".env", "DB_PASS=Your_Secret_Password1")]
    [InlineData("a.py", "SECRET_KEY = 'insert-your-secret-key-here-123'")]
    [InlineData("a.py", "TOKEN = os.environ['API_TOKEN_1']")]
    [InlineData("a.js", "const token = `Bearer ${token1}`")]
    [InlineData("a.js", "headers: { Authorization: `Bearer ${session.token1}` }")]
    [InlineData("a.md", "Authorization: Bearer <password>")]
    [InlineData("a.md", "Authorization: Bearer YOUR_ACCESS_TOKEN_GOES_HERE")]
    [InlineData("a.md", "curl -H 'Authorization: Bearer your-token-123' https://example.com/api")]
    [InlineData("a.sql", "CREATE ROLE app LOGIN PASSWORD 'changeme123';")]
    [InlineData("a.sql", "CREATE ROLE app LOGIN PASSWORD :'app_password1';")]
    [InlineData("a.sql", "ALTER ROLE app PASSWORD NULL;")]
    [InlineData("a.yml", "github-token: ${{ secrets.GITHUB_TOKEN }}")]
    [InlineData("a.yml", "max_tokens: 4096")]
    [InlineData("a.cs", "var token = source.GetToken2();")]
    [InlineData("a.cs", "CancellationToken token = default;")]
    [InlineData("a.ts", "{ key: 'cache_key', foreign_key: 'users_id_fk1', primaryKey: 'user_id_2' }")]
    [InlineData("a.md", "postgres://user:password123@db.example.com/app")]
    [InlineData("a.py", "url = 'postgres://%s:%s@%s/app' % (user, password, host)")]
    [InlineData(".pgpass", "# host:port:database:user:password1")]
    [InlineData(".pgpass", "localhost:5432:*:postgres:password")]
    [InlineData(".netrc", "machine example.com login me password ${NETRC_PASSWORD}")]
    [InlineData("a.js", "")]
    public void What_stands_in_for_a_secret_or_speaks_of_one_is_none(string file, string text) => Assert.Empty(Find(text + "\n", file));

    [Fact]
    public void The_keys_of_a_local_Supabase_are_public() =>
        Assert.Empty(Find($"SERVICE_ROLE='{Token("""{"iss":"supabase-demo","role":"service_role","exp":1983812996}""")}'"));

    [Fact]
    public void A_service_role_s_token_is_critical_and_an_anonymous_one_is_not()
    {
        Assert.Equal(FindingSeverity.Critical, Assert.Single(Find(ServiceRole)).Severity);
        Assert.Equal(FindingSeverity.Info, Assert.Single(Find(Token("""{"iss":"supabase","role":"anon"}"""))).Severity);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(65_500)]
    [InlineData(131_050)]
    [InlineData(131_072)]
    [InlineData(400_000)]
    public void Wherever_it_stands_in_a_large_file_it_is_found_on_its_line(int before)
    {
        var filler = string.Concat(Enumerable.Repeat("nothing to see in this line here\n", before / 33));
        var lines = filler.Count(character => character == '\n');
        Assert.Equal(lines + 1, Assert.Single(Find(filler + $"k = '{ServiceRole}'\n" + filler)).Line);
        Assert.Equal("private-key", Assert.Single(Find(filler + $"-----BEGIN RSA PRIVATE KEY-----\n{Material}\n" + filler)).Kind);
        Assert.Equal("supabase-service-role-token", Assert.Single(Find(new string('x', before) + $";k='{ServiceRole}';" + new string('y', before))).Kind);
    }

    [Fact]
    public void Several_on_a_line_and_in_a_file_are_told_up_to_a_hundred()
    {
        Assert.Equal(2, Find("a='gh~p_q7Xw2Rt9Lm4Pz8Vb3Nc6Jd1Hf0Gs5KeYu2Io', b='gh~p_a7Xw2Rt9Lm4Pz8Vb3Nc6Jd1Hf0Gs5KeYu2Io'").Count);
        Assert.InRange(Find(string.Concat(Enumerable.Repeat("a='gh~p_q7Xw2Rt9Lm4Pz8Vb3Nc6Jd1Hf0Gs5KeYu2Io'\n", 5000))).Count, SourceText.MostInOne, SourceText.MostInOne + 5);
    }

    [Fact]
    public void Binary_files_are_told_from_text()
    {
        Assert.True(SourceText.IsText("text"u8));
        Assert.True(SourceText.IsText(Encoding.Unicode.GetPreamble()));
        Assert.False(SourceText.IsText([0x7F, 0x45, 0x4C, 0x46, 0x00]));
    }
}

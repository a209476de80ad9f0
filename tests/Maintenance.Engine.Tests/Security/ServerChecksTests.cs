using Maintenance.Engine.Security;
using Maintenance.Engine.Security.Checks;

namespace Maintenance.Engine.Tests.Security;

/// <summary>Checks whose fault no server of a test can be given: they are told the facts.</summary>
public sealed class ServerChecksTests
{
    [Theory]
    [InlineData(12, "2026-10-01", "Fail")]
    [InlineData(13, "2026-10-01", "Fail")]
    [InlineData(14, "2026-11-12", "Fail")] // ends within six months: Low
    [InlineData(15, "2026-10-01", "Pass")]
    [InlineData(18, "2030-11-14", "Fail")]
    [InlineData(18, "2029-01-01", "Pass")]
    [InlineData(19, "2026-10-01", "Unknown")]
    public void A_version_out_of_support_is_a_fault_and_one_that_is_not_known_is_unknown(int major, string day, string outcome) =>
        Assert.Equal(outcome, Facts.Judge("DBSEC-VERSION-EOL", Facts.Of(major * 10000, DateTimeOffset.Parse(day + "T12:00Z", System.Globalization.CultureInfo.InvariantCulture))).Outcome);

    [Fact]
    public void The_end_to_come_matters_less_than_the_end_that_was()
    {
        Assert.Equal(FindingSeverity.Low, Facts.Judge("DBSEC-VERSION-EOL", Facts.Of(140025)).Faults.Single().Severity);
        Assert.Null(Facts.Judge("DBSEC-VERSION-EOL", Facts.Of(130023)).Faults.Single().Severity);
    }

    [Theory]
    [InlineData(150018, "2026-10-01", "Fail")]
    [InlineData(150018, "2031-01-01", "Fail")]
    [InlineData(150020, "2026-10-01", "Pass")]
    [InlineData(150020, "2026-11-11", "Pass")]
    [InlineData(150020, "2026-11-12", "Unknown")]
    [InlineData(150021, "2026-10-01", "Unknown")]
    [InlineData(190000, "2026-10-01", "Unknown")]
    public void An_old_minor_version_is_a_fault_and_the_newest_that_was_known_is_well_until_the_next_is_due(int version, string day, string outcome)
    {
        var (told, faults, why) = Facts.Judge("DBSEC-VERSION-MINOR", Facts.Of(version, DateTimeOffset.Parse(day + "T00:00Z", System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(outcome, told);
        Assert.Contains(outcome == "Fail" ? "15.18" : (version / 10000).ToString(System.Globalization.CultureInfo.InvariantCulture), outcome == "Fail" ? faults.Single().Message : why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-09-30", "2026-11-12")]
    [InlineData("2026-11-11", "2026-11-12")]
    [InlineData("2026-11-12", "2027-02-11")]
    [InlineData("2027-02-11", "2027-05-13")]
    public void Releases_are_due_on_the_second_thursday_of_each_third_month(string after, string next) =>
        Assert.Equal(DateOnly.Parse(next, System.Globalization.CultureInfo.InvariantCulture), VersionChecks.NextRelease(DateOnly.Parse(after, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Keys_have_the_age_that_the_configuration_tells()
    {
        static SecurityPolicy Keys(params (string Name, int Days)[] keys) =>
            new() { ApiKeys = [.. keys.Select(key => new ApiKeyAge { Name = key.Name, ChangedOn = DateOnly.FromDateTime(Facts.Now.UtcDateTime).AddDays(-key.Days) })], ApiKeyMaximumAge = TimeSpan.FromDays(90) };

        var (outcome, faults, _) = Facts.Judge("DBSEC-API-KEY-AGE", Facts.Of(policy: Keys(("anon", 90), ("service_role", 91))));
        Assert.Equal("Fail", outcome);
        var fault = Assert.Single(faults);
        Assert.Equal("API key service_role", fault.Subject);
        Assert.Equal((91, 90.0), (fault.Evidence["AgeDays"], fault.Evidence["MaximumAgeDays"]));
        Assert.Equal("Pass", Facts.Judge("DBSEC-API-KEY-AGE", Facts.Of(policy: Keys(("anon", 0)))).Outcome);
        // A day that has not come is a slip of the pen, and no young key.
        Assert.Equal("Unknown", Facts.Judge("DBSEC-API-KEY-AGE", Facts.Of(policy: Keys(("anon", -30)))).Outcome);
        Assert.Equal("Pass", Facts.Judge("DBSEC-API-KEY-AGE", Facts.Of()).Outcome);
        Assert.Equal("Manual", Facts.Judge("DBSEC-API-KEY-AGE", Facts.Of(roles: [Facts.Role(20, "auditor"), Facts.Role(30, "anon")])).Outcome);
    }

    [Theory]
    [InlineData("", true, null, "Fail")]
    [InlineData("", false, null, "Manual")]
    [InlineData("pg_stat_statements, pgaudit", true, "ddl, write", "Pass")]
    [InlineData("$libdir/pgaudit", true, "ddl", "Pass")]
    [InlineData("pgaudit", true, "none", "Fail")]
    [InlineData("pgauditlogtofile", false, null, "Manual")]
    public void Pgaudit_is_missed_where_it_could_be_loaded_and_where_it_is_told_nothing(string libraries, bool hasFiles, string? log, string outcome) =>
        Assert.Equal(outcome, Facts.Judge("DBSEC-AUDIT-EXTENSION", Facts.Of(
            hasAuditFiles: hasFiles, settings: [Facts.Setting("shared_preload_libraries", libraries), .. log is null ? Array.Empty<SettingFacts>() : [Facts.Setting("pgaudit.log", log)]])).Outcome);

    [Theory]
    [InlineData("stderr", "off", "Manual")]
    [InlineData("stderr", "on", "Pass")]
    [InlineData("csvlog", "off", "Fail")]
    [InlineData("jsonlog,stderr", "off", "Fail")]
    [InlineData("syslog", "off", "Pass")]
    [InlineData("", "off", "Fail")]
    public void Only_a_person_can_tell_who_keeps_what_is_written_to_the_standard_error(string destination, string collector, string outcome) =>
        Assert.Equal(outcome, Facts.Judge("DBSEC-LOG-COLLECTOR", Facts.Of(settings: [Facts.Setting("log_destination", destination), Facts.Setting("logging_collector", collector)])).Outcome);

    [Theory]
    [InlineData("csvlog", "on", "Pass")]
    [InlineData("jsonlog, csvlog", "on", "Pass")]
    [InlineData("csvlog", "off", "Fail")]
    [InlineData("stderr", "on", "Fail")]
    public void The_prefix_does_not_matter_where_every_line_has_fields(string destination, string collector, string outcome) =>
        Assert.Equal(outcome, Facts.Judge("DBSEC-LOG-LINE-PREFIX", Facts.Of(
            settings: [Facts.Setting("log_destination", destination), Facts.Setting("logging_collector", collector), Facts.Setting("log_line_prefix", "%m ")])).Outcome);

    [Theory]
    [InlineData("127.0.0.1, ::1", FindingSeverity.Low)]
    [InlineData("localhost", FindingSeverity.Low)]
    [InlineData("", FindingSeverity.Low)]
    [InlineData("localhost, 10.1.2.3", null)]
    [InlineData("*", null)]
    public void Without_tls_it_matters_whether_anybody_can_listen_in(string addresses, FindingSeverity? severity) =>
        Assert.Equal(severity, Facts.Judge("DBSEC-TLS-OFF", Facts.Of(settings: [Facts.Setting("ssl", "off"), Facts.Setting("listen_addresses", addresses)])).Faults.Single().Severity);

    [Theory]
    [InlineData(null, false, null, DatabaseSslMode.Prefer, "Pass")]
    [InlineData("127.0.0.1/32", false, null, DatabaseSslMode.Disable, "Pass")]
    [InlineData("10.1.2.3/32", false, null, DatabaseSslMode.Prefer, "Fail")]
    [InlineData("10.1.2.3/32", true, "TLSv1.1", DatabaseSslMode.VerifyFull, "Fail")]
    [InlineData("10.1.2.3/32", true, "TLSv1.3", DatabaseSslMode.Require, "Fail")]
    [InlineData("10.1.2.3/32", true, "TLSv1.3", DatabaseSslMode.VerifyCA, "Pass")]
    [InlineData("fd00::1/128", true, "TLSv1.2", DatabaseSslMode.VerifyFull, "Pass")]
    public void The_session_s_own_handshake_is_judged(string? address, bool encrypted, string? protocol, DatabaseSslMode mode, string outcome) =>
        Assert.Equal(outcome, Facts.Judge("DBSEC-TLS-SESSION", Facts.Of(server: Facts.Server(address: address, encrypted: encrypted, protocol: protocol), sslMode: mode)).Outcome);

    [Fact]
    public void What_holds_for_some_sessions_is_not_taken_for_the_server_s()
    {
        StoredSetting here = new("database shop", "ALTER DATABASE shop", null, true, "log_statement", "log_statement", "ddl");
        // Well here, and elsewhere nobody knows.
        var (outcome, _, why) = Facts.Judge("DBSEC-LOG-STATEMENT", Facts.Of(settings: [Facts.Setting("log_statement", "ddl", "database")], stored: [here]));
        Assert.Equal("Unknown", outcome);
        Assert.Contains("database shop", why, StringComparison.Ordinal);
        // Wrong here: ALTER SYSTEM would not end it.
        StoredSetting mine = new("role auditor", "ALTER ROLE auditor", "auditor", true, "log_statement", "log_statement", "none");
        Assert.Equal("ALTER ROLE auditor RESET log_statement;", Facts.Judge("DBSEC-LOG-STATEMENT", Facts.Of(settings: [Facts.Setting("log_statement", "none", "user")], stored: [here, mine])).Faults.Single().FixSql);
        // Nor what the command line says.
        var started = Facts.Judge("DBSEC-LOG-STATEMENT", Facts.Of(settings: [Facts.Setting("log_statement", "none", "command line")])).Faults.Single();
        Assert.Null(started.FixSql);
        Assert.Contains("started", started.Recommendation, StringComparison.Ordinal);
        Assert.StartsWith("ALTER SYSTEM", Facts.Judge("DBSEC-LOG-STATEMENT", Facts.Of(settings: [Facts.Setting("log_statement", "none")])).Faults.Single().FixSql, StringComparison.Ordinal);
        Assert.Equal("NotPermitted", Facts.Judge("DBSEC-LOG-STATEMENT", Facts.Of()).Outcome);
    }

    [Fact]
    public void A_language_of_an_extension_goes_with_the_extension()
    {
        PrivilegeHolder language = new("language", 70000, "plpython3u", "plpython3u", 10, AccessList.Read([], new()), false);
        Assert.Equal("DROP LANGUAGE plpython3u;", Facts.Judge("DBSEC-LANGUAGE-UNTRUSTED", Facts.Of(holders: [language])).Faults.Single().FixSql);
        Assert.Equal("DROP EXTENSION plpython3u;", Facts.Judge("DBSEC-LANGUAGE-UNTRUSTED", Facts.Of(holders: [language], extensions: [new("plpython3u", "plpython3u", "pg_catalog", "1.0", "1.0", false)])).Faults.Single().FixSql);
    }

    [Fact]
    public void Keys_are_asked_for_only_where_there_is_an_API()
    {
        Assert.Equal(("Pass", "there is no API role, and the configuration names no key"), Key(Facts.Of()));
        Assert.Equal("Manual", Key(Facts.Of(exposure: new Exposure(null, "all", [], false) { HasApi = true })).Outcome);

        static (string Outcome, string? Why) Key(AuditFacts facts)
        {
            var (outcome, _, why) = Facts.Judge("DBSEC-API-KEY-AGE", facts);
            return (outcome, why);
        }
    }
}

using System.Text;
using Maintenance.Engine.Backup.Restore;
using Maintenance.Engine.Programs;
using Maintenance.Engine.Sandbox;

namespace Maintenance.Engine.Tests.Backup.Restore;

/// <summary>Small decisions of a restore.</summary>
public sealed class RestorePartsTests
{
    [Theory]
    [InlineData("15.18", true)]
    [InlineData("15.13", false)]
    [InlineData("17.6", true)]
    [InlineData("17.5", false)]
    [InlineData("18.0", true)]
    [InlineData("12.99", false)]
    public void Only_a_psql_that_knows_restrict_is_safe(string version, bool isSafe) => Assert.Equal(isSafe, SafePsql.Is(Version.Parse(version)));

    [Theory]
    [InlineData(15, "15.18")]
    [InlineData(14, "15.18")]
    [InlineData(16, "17.1")]
    [InlineData(18, "17.1")]
    public void The_server_is_of_the_same_version_or_the_next_newer_or_else_an_older(int wanted, string chosen) =>
        Assert.Equal(Version.Parse(chosen), ScratchBinaries.Choose([At("17.1"), At("13.5"), At("15.2"), At("15.18")], wanted)!.Version);

    [Theory]
    [InlineData(new byte[] { 1, 14, 0 }, 13)]
    [InlineData(new byte[] { 1, 15, 0 }, 16)]
    [InlineData(new byte[] { 1, 16, 0 }, 17)]
    public void The_archive_tells_which_pg_restore_it_needs(byte[] version, int major) =>
        Assert.Equal(major, ArchiveVersion.OldestReader([.. "PGDMP"u8, .. version]));

    [Theory]
    [InlineData(null, "t", true)]
    [InlineData("True", "t", true)]
    [InlineData(null, "f", false)]
    [InlineData(null, null, false)]
    [InlineData("false", "f", true)]
    [InlineData("500", "500", true)]
    [InlineData("500", "500.0", false)]
    public void An_assertion_is_met_by_the_text_of_its_value(string? expected, string? found, bool isMet) => Assert.Equal(isMet, AssertionCheck.IsMet(expected, found));

    [Theory]
    [InlineData(BackupKind.Custom, 1000L, false, true, 1000L + (256L << 20), false)]
    [InlineData(BackupKind.Custom, null, false, true, 6000L + (256L << 20), true)]
    [InlineData(BackupKind.Plain, null, true, true, 3000L + (256L << 20), true)]
    [InlineData(BackupKind.Custom, 1000L, true, false, 1000L, false)]
    public void Space_is_what_was_noted_or_an_estimate(BackupKind kind, long? noted, bool isCopied, bool isServerHere, long bytes, bool isEstimate)
    {
        var backup = new DatabaseBackup { Name = "a", Store = "/b", TakenAt = default, LastModified = default, SizeBytes = 1000 };
        Assert.Equal((bytes, isEstimate), ScratchSpace.Needed(backup, kind, noted, isCopied, isServerHere));
        Assert.True(ScratchSpace.Needed(backup, kind, long.MaxValue, isCopied, isServerHere).Bytes > 0);
    }

    [Fact]
    public void Settings_are_quoted() => Assert.Equal("restore_command = 'cp ''a b''/%f \\\\x'\n", ScratchServer.TextOf(new Dictionary<string, string> { ["restore_command"] = @"cp 'a b'/%f \x" }));

    [Fact]
    public async Task The_feed_restricts_psql_first_and_makes_roles_before_the_lines_that_name_them()
    {
        var longRow = new string('x', 200_000);
        var text = $"""
            \restrict theirs
            CREATE TABLE public.t (v text);
            ALTER TABLE public.t OWNER TO app;
            COPY public.t (v) FROM stdin;
            \restrict is a value here
            ALTER TABLE public.t OWNER TO nobody;
            {longRow}
            \.
            \unrestrict theirs
            \! id
            \connect other
            GRANT SELECT ON TABLE public.t TO reader;
            no end
            """.ReplaceLineEndings("\n");
        using var psql = new MemoryStream();
        var roles = new List<(string Role, long At)>();
        var feed = new PlainFeed(
            new DumpScan(),
            found =>
            {
                roles.AddRange(found.Select(role => (role, psql.Length)));
                return Task.CompletedTask;
            },
            new FedLines(),
            "secret");
        // In small pieces, as a network gives them.
        await feed.RunAsync(new Pieces(Encoding.UTF8.GetBytes(text)), psql, TestContext.Current.CancellationToken);

        var fed = Encoding.UTF8.GetString(psql.ToArray());
        Assert.True(feed.Completed);
        Assert.StartsWith("\\restrict secret\n", fed, StringComparison.Ordinal);
        var expected = text.Replace("\\restrict theirs\n", "", StringComparison.Ordinal).Replace("\\unrestrict theirs\n", "", StringComparison.Ordinal).Replace("\\connect other\n", "", StringComparison.Ordinal);
        Assert.Equal("\\restrict secret\n" + expected, fed);
        Assert.Equal(["app", "reader"], roles.Select(role => role.Role));
        Assert.All(roles, role => Assert.True(role.At <= fed.IndexOf($" TO {role.Role};", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Quoted_text_is_neither_rows_nor_commands()
    {
        const string Body = """
            CREATE FUNCTION public.f() RETURNS void LANGUAGE plpgsql AS $_$
            COPY orders FROM stdin;
            \connect inside
            DROP DATABASE inside;
            SET default_tablespace = inside;
            $_$;
            COMMENT ON FUNCTION public.f() IS 'it''s
            \connect quoted
            COPY orders FROM stdin;
            ';
            -- It's a comment; /* and no more
            SELECT E'\'
            \connect escaped
            ', "a""
            \connect named
            ", a$b$c, $1 /* it's /* nested */
            \connect commented
            */;
            ALTER FUNCTION public.f() OWNER TO app;
            COPY public.t ("it's
            so") FROM stdin;
            it's a row
            \.
            SET standard_conforming_strings = off;
            COMMENT ON TABLE public.t IS 'a\'
            \connect backslash
            ';
            ALTER TABLE public.t OWNER TO other;

            """;
        var (fed, feed, roles) = await FeedAsync(Body);
        Assert.Equal(Body.ReplaceLineEndings("\n"), fed);
        Assert.False(feed.IsDataOnly);
        Assert.Equal(["app", "other"], roles);
    }

    [Fact]
    public async Task What_is_of_the_whole_database_and_its_tablespaces_is_left_out()
    {
        var (fed, _, _) = await FeedAsync("""
            DROP DATABASE app;
            CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' TABLESPACE = fast;
            ALTER DATABASE app OWNER TO app;
            \connect app
            COMMENT ON DATABASE app IS 'two
            lines; of it';
            GRANT CONNECT,TEMPORARY ON DATABASE app TO app;
            ALTER ROLE "an app" IN DATABASE app SET work_mem TO '1MB';
            SET default_tablespace = '';
            SET default_tablespace = "very fast";
            CREATE TABLE public.t (i integer);

            """);
        Assert.Equal("SET default_tablespace = '';\nCREATE TABLE public.t (i integer);\n", fed);
    }

    [Fact]
    public async Task Rows_before_any_table_end_the_feeding()
    {
        var (fed, feed, _) = await FeedAsync("SET row_security = off;\nCOPY public.t (i) FROM stdin;\nsomebody\n\\.\n");
        Assert.True(feed.IsDataOnly && feed.Completed);
        Assert.Equal("SET row_security = off;\n", fed);
    }

    [Fact]
    public async Task Removals_and_copies_are_noted_by_their_line()
    {
        var lines = new FedLines();
        await FeedAsync("\\restrict theirs\nALTER TABLE ONLY public.t DROP CONSTRAINT c;\nDROP TABLE public.t;\nCREATE TABLE public.t (i integer);\nDROP TABLE public.u;\nCOPY public.t (i) FROM stdin;\n1\n\\.\n", lines);
        Assert.Equal([2, 3], Enumerable.Range(1, 20).Where(line => lines.IsRemoval(line)));
        Assert.Equal([6], Enumerable.Range(1, 20).Where(line => lines.IsCopy(line)));
    }

    [Fact]
    public void A_dump_of_data_alone_is_known_by_its_list()
    {
        const string Rows = "3393; 0 16434 TABLE DATA public b owner";
        Assert.True(RestoreList.IsDataOnly([Rows, "3400; 0 0 SEQUENCE SET public b_id_seq owner"]));
        Assert.False(RestoreList.IsDataOnly([Rows, "2; 3079 16385 EXTENSION - postgis "]));
        Assert.False(RestoreList.IsDataOnly([]));
    }

    private static async Task<(string Fed, PlainFeed Feed, List<string> Roles)> FeedAsync(string text, FedLines? lines = null)
    {
        using var psql = new MemoryStream();
        var roles = new List<string>();
        var feed = new PlainFeed(
            new DumpScan(),
            found =>
            {
                roles.AddRange(found);
                return Task.CompletedTask;
            },
            lines ?? new FedLines(),
            "secret");
        await feed.RunAsync(new Pieces(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n"))), psql, TestContext.Current.CancellationToken);
        return (Encoding.UTF8.GetString(psql.ToArray())["\\restrict secret\n".Length..], feed, roles);
    }

    private static PostgresInstallation At(string version) => new($"/opt/{version}/bin", Version.Parse(version));

    private sealed class Pieces(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 777)], cancellationToken);
    }
}

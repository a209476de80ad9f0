using Maintenance.Engine.Backup.Restore;

namespace Maintenance.Engine.Tests.Backup.Restore;

/// <summary>What is learned from the text of a dump, in the forms that pg_dump writes.</summary>
public sealed class DumpScanTests
{
    [Theory]
    [InlineData("ALTER TABLE public.b OWNER TO \"we ird\";", "we ird")]
    [InlineData("ALTER FUNCTION public.f(a text, b integer) OWNER TO app;", "app")]
    [InlineData("GRANT SELECT ON TABLE s.a TO \"quote\"\"d\";", "quote\"d")]
    [InlineData("GRANT ALL ON SCHEMA s TO app WITH GRANT OPTION;", "app")]
    [InlineData("REVOKE ALL ON FUNCTION public.f() FROM app;", "app")]
    [InlineData("GRANT a TO b GRANTED BY c;", "b,c")]
    [InlineData("ALTER DEFAULT PRIVILEGES FOR ROLE maker IN SCHEMA s GRANT SELECT ON TABLES TO reader;", "maker,reader")]
    [InlineData("CREATE POLICY p ON public.b FOR SELECT TO app, other USING ((v = ' TO nobody USING'::text));", "app,other")]
    [InlineData("CREATE POLICY p ON public.b TO app WITH CHECK (true);", "app")]
    [InlineData("CREATE USER MAPPING FOR app SERVER s OPTIONS (", "app")]
    [InlineData("SET SESSION AUTHORIZATION 'app';", "app")]
    [InlineData("GRANT SELECT ON TABLE s.a TO PUBLIC;", "")]
    [InlineData("GRANT pg_monitor TO app;", "app")]
    [InlineData("GRANT SELECT ON TABLE s.a TO pg_monitor;", "")]
    [InlineData("ALTER TABLE public.b ENABLE ROW LEVEL SECURITY;", "")]
    [InlineData("  ALTER TABLE public.b OWNER TO app;", "")]
    public void Roles_are_found(string line, string roles)
    {
        var scan = new DumpScan();
        Assert.Equal(roles.Split(',', StringSplitOptions.RemoveEmptyEntries), scan.Read(line));
        Assert.Empty(scan.Read(line));
    }

    [Fact]
    public void Tables_and_foreign_keys_are_found()
    {
        var scan = Scan(
            "CREATE TABLE public.customers (",
            "CREATE UNLOGGED TABLE \"Sales & Co\".orders (",
            "CREATE TABLE public.typed OF public.kind (",
            "ALTER TABLE ONLY public.customers",
            "    ADD CONSTRAINT customers_pkey PRIMARY KEY (id);",
            "ALTER TABLE ONLY \"Sales & Co\".orders",
            "    ADD CONSTRAINT \"a key\" FOREIGN KEY (customer_id) REFERENCES public.customers(id) ON DELETE CASCADE;");
        Assert.Equal([new("public", "customers"), new("Sales & Co", "orders"), new("public", "typed")], scan.Tables);
        Assert.Equal([new(new("Sales & Co", "orders"), "a key", new("public", "customers"))], scan.ForeignKeys);
    }

    [Fact]
    public void Version_encoding_locale_and_extensions_are_found()
    {
        var scan = Scan(
            "-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)",
            "SET client_encoding = 'LATIN1';",
            "CREATE DATABASE shop WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C.UTF-8' ICU_LOCALE = 'de-DE';",
            "CREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA extensions;");
        Assert.Equal(15, scan.ServerMajor);
        Assert.Equal("UTF8", scan.Encoding);
        Assert.Equal(("icu", "C.UTF-8", "de-DE"), (scan.Locale["LOCALE_PROVIDER"], scan.Locale["LOCALE"], scan.Locale["ICU_LOCALE"]));
        Assert.Equal(["uuid-ossp"], scan.Extensions);
    }

    internal static DumpScan Scan(params string[] lines)
    {
        var scan = new DumpScan();
        foreach (var line in lines)
        {
            scan.Read(line);
        }

        return scan;
    }
}

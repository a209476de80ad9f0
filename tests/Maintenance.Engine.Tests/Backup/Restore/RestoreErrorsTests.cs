using Maintenance.Engine.Backup.Restore;

namespace Maintenance.Engine.Tests.Backup.Restore;

/// <summary>What pg_restore and psql complain of, in their own words.</summary>
public sealed class RestoreErrorsTests
{
    [Theory]
    [InlineData("pg_restore: error: could not execute query: ERROR:  insert or update on table \"b\" violates foreign key constraint \"b_a_fkey\"", BackupFault.ConstraintInvalid)]
    [InlineData("pg_restore: error: could not execute query: ERROR:  could not create unique index \"a_pkey\"", BackupFault.ConstraintInvalid)]
    [InlineData("pg_restore: error: could not execute query: ERROR:  check constraint \"c\" of relation \"b\" is violated by some row", BackupFault.ConstraintInvalid)]
    [InlineData("pg_restore: error: COPY failed for table \"b\": ERROR:  new row for relation \"b\" violates check constraint \"c\"", BackupFault.ConstraintInvalid)]
    [InlineData("pg_restore: error: could not read from input file: end of file", BackupFault.DataDamaged)]
    [InlineData("pg_restore: error: could not uncompress data: incorrect data check", BackupFault.DataDamaged)]
    [InlineData("pg_restore: error: could not execute query: ERROR:  type \"public.star\" does not exist", BackupFault.RestoreFailed)]
    [InlineData("psql:<stdin>:12: ERROR:  relation \"t\" does not exist", BackupFault.RestoreFailed)]
    [InlineData("psql:<stdin>:3: error: backslash commands are restricted; only \\unrestrict is allowed", BackupFault.RestoreFailed)]
    public void Complaints_are_told_apart(string line, BackupFault fault)
    {
        var errors = Read(line);
        Assert.Equal(1, errors.Count);
        Assert.Equal(fault, Assert.Single(errors.All).Fault);
    }

    [Fact]
    public void The_entry_is_named_and_the_rows_are_not()
    {
        var errors = Read(
            "pg_restore: while PROCESSING TOC:",
            "pg_restore: from TOC entry 3246; 2606 16437 FK CONSTRAINT public b b_a_fkey app",
            "pg_restore: error: could not execute query: ERROR:  insert or update on table \"b\" violates foreign key constraint \"b_a_fkey\"",
            "DETAIL:  Key (email)=(somebody@example.org) is not present in table \"a\".",
            "Command was: ALTER TABLE ONLY public.b",
            "    ADD CONSTRAINT b_a_fkey FOREIGN KEY (a) REFERENCES s.a(id);",
            "pg_restore: warning: errors ignored on restore: 1");
        Assert.Equal("ERROR:  insert or update on table \"b\" violates foreign key constraint \"b_a_fkey\" (FK CONSTRAINT public b b_a_fkey app)", Assert.Single(errors.All).Message);
    }

    [Theory]
    [InlineData("pg_restore: error: could not execute query: ERROR:  schema \"public\" already exists")]
    [InlineData("pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter \"transaction_timeout\"")]
    public void What_says_nothing_about_the_backup_is_counted_apart(string line)
    {
        var errors = Read(line);
        Assert.Equal((0, 1), (errors.Count, errors.Harmless));
    }

    [Theory]
    [InlineData("pg_restore: error: COPY failed for table \"b\": ERROR:  could not extend file \"base/1/2\": No space left on device")]
    [InlineData("psql:<stdin>:7: PANIC:  could not write to file \"pg_wal/xlogtemp.31\": No space left on device")]
    [InlineData("pg_restore: error: COPY failed for table \"filler\": ERROR:  could not extend file \"base/16384/16448\": wrote only 4096 of 8192 bytes at block 38327")]
    public void A_full_disk_is_recognised(string line) => Assert.True(Read(line).NoSpace);

    [Fact]
    public void Lost_connections_and_archives_that_cannot_be_read_are_recognised()
    {
        Assert.True(Read("pg_restore: error: could not execute query: server closed the connection unexpectedly").ConnectionLost);
        Assert.NotNull(Read("pg_restore: error: unsupported version (1.16) in file header").CannotRead);
        Assert.Null(Read("pg_restore: error: could not read from input file: end of file").CannotRead);
    }

    [Fact]
    public void On_somebodys_server_missing_roles_and_rights_say_nothing_about_the_backup()
    {
        var guest = new RestoreErrors(isGuest: true);
        guest.Read("pg_restore: error: could not execute query: ERROR:  role \"x\" does not exist");
        guest.Read("pg_restore: error: could not execute query: ERROR:  permission denied to create event trigger \"e\"");
        Assert.Equal((0, 1, 1), (guest.Count, guest.LeftOut.Count, guest.Denied.Count));
        Assert.Equal(1, Read("pg_restore: error: could not execute query: ERROR:  role \"x\" does not exist").Count);
    }

    [Fact]
    public void Only_the_first_are_kept_and_all_are_counted()
    {
        var errors = new RestoreErrors();
        for (var number = 0; number < 100_000; number++)
        {
            errors.Read($"psql:<stdin>:{number}: ERROR:  syntax error at or near \"{number}\"");
        }

        Assert.Equal(100_000, errors.Count);
        Assert.InRange(errors.All.Count, 1, 100);
    }

    [Theory]
    [InlineData("pg_restore: error: COPY failed for table \"b\": ERROR:  invalid input syntax for type integer: \"Somebody\"", "ERROR:  invalid input syntax for type integer: \"…\"")]
    [InlineData("psql:<stdin>:9: ERROR:  date/time field value out of range: \"Somebody", "ERROR:  date/time field value out of range: \"…")]
    [InlineData("psql:<stdin>:9: ERROR:  value \"99999999999\" is out of range for type integer", "ERROR:  value \"…\" is out of range for type integer")]
    public void Values_are_not_told(string line, string message) => Assert.EndsWith(message, Assert.Single(Read(line).All).Message, StringComparison.Ordinal);

    [Fact]
    public void What_follows_a_failed_copy_is_counted_and_not_told()
    {
        var errors = new RestoreErrors();
        errors.Lines.AddCopy(7);
        errors.Read("psql:<stdin>:7: ERROR:  relation \"public.b\" does not exist");
        errors.Read("psql:<stdin>:10: ERROR:  syntax error at or near \"Somebody\"");
        errors.Read("psql:<stdin>:12: ERROR:  column \"somebody\" does not exist");
        Assert.Equal("ERROR:  relation \"public.b\" does not exist", Assert.Single(errors.All).Message);
        Assert.Equal((3, 2), (errors.Count, errors.Followers));
    }

    [Fact]
    public void What_cannot_be_removed_because_it_is_not_there_is_no_error()
    {
        var errors = new RestoreErrors();
        errors.Lines.AddRemoval(7);
        errors.Lines.AddRemoval(8);
        errors.Read("psql:<stdin>:7: ERROR:  relation \"public.b\" does not exist");
        errors.Read("psql:<stdin>:8: ERROR:  cannot drop table b because other objects depend on it");
        errors.Read("psql:<stdin>:9: ERROR:  relation \"public.c\" does not exist");
        Assert.Equal((2, 1), (errors.Count, errors.Removals));
    }

    private static RestoreErrors Read(params string[] lines)
    {
        var errors = new RestoreErrors();
        foreach (var line in lines)
        {
            errors.Read(line);
        }

        return errors;
    }
}

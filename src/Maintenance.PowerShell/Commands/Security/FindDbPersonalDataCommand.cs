using System.Management.Automation;
using Maintenance.Completion;
using Maintenance.Infrastructure;

namespace Maintenance.Commands;

/// <summary>Finds columns that hold personal data, and tells who reaches them, how long they are kept, and whether an erasure would find them.</summary>
/// <remarks>
/// <para>Use it for the record of processing activities, before opening a table to an API, and before trusting that an erasure is complete. It gives a record
/// for each column that holds personal data, or by its name should: by the names of columns and of keys in JSON (English, German, French, Spanish), by types, by
/// comments, and by values that pass a validator: e-mail, payment cards (Luhn), IBAN (mod 97), telephone numbers, addresses of the internet, some national ids.</para>
/// <para>Values never leave the server: it takes a sample, validates it, and returns counts. Nothing is created there, and no error quotes a value. Each table has a read-only
/// transaction of its own, waits 2 s at most for a lock, and has 10 s; of a large table random pages are read. When 85 percent of -TimeoutSeconds are gone, the tables that
/// are left are judged by names alone, and that is told.</para>
/// <para>Strangers are PUBLIC and the roles anon and authenticated, or those you name; what they reach is computed as Get-DbSecurityFinding does. Retention is what
/// maintenance.json says. Reachable is what foreign keys lead to from the table of people: auth.users, or security.subjectTable.</para>
/// <para>IsExposed is empty where strangers can call a SECURITY DEFINER function whose text names the table: MaybeExposedThrough says which, and somebody has to read it.</para>
/// <para>A table that cannot be looked into, or not wholly, gives a record without a column, with the reason, the columns, and the GRANT if one would help. Columns that are
/// computed when they are read are not run, since their expression could write a value to the server's log; binary ones are not read. Confidence Low means that somebody has to
/// look. Views are left out, since they hold no rows, but count as ways in.</para>
/// <para>Privileges: connecting shows names and types; SELECT on the tables, or pg_read_all_data, lets it look into them, and where row security is on
/// BYPASSRLS lets it see every row. It changes nothing.</para>
/// </remarks>
/// <default parameter="TimeoutSeconds">600</default>
/// <example>
/// <code>Find-DbPersonalData</code>
/// <para>Looks through the connected database, table by table.</para>
/// </example>
/// <example>
/// <code>Find-DbPersonalData -MinimumConfidence Medium | Where-Object IsExposed | Format-List</code>
/// <para>Shows what strangers can read, to whom, through what, and how to end it.</para>
/// </example>
/// <example>
/// <code>Find-DbPersonalData -SubjectTable public.profiles | Where-Object IsReachable -eq $false | Select-Object QualifiedName, Column, Category</code>
/// <para>Lists what an erasure that follows foreign keys from the customers would miss.</para>
/// </example>
/// <example>
/// <code>Find-DbPersonalData -NoSample -Schema public | ConvertTo-Json -Depth 4</code>
/// <para>Judges by names and types alone, without reading a row, as JSON.</para>
/// </example>
/// <example>
/// <code>(Find-DbPersonalData -Category PaymentCard, Credential, SpecialCategory -SampleRows 5000).Findings</code>
/// <para>Looks harder for what must not be lost, and tells what is wrong.</para>
/// </example>
/// <seealso cref="GetDbSecurityFindingCommand"/>
/// <seealso cref="TestDbRowSecurityCommand"/>
[Cmdlet(VerbsCommon.Find, "DbPersonalData")]
[OutputType(typeof(DbPersonalData))]
public sealed class FindDbPersonalDataCommand : TargetCmdlet
{
    /// <summary>Tables: names, with or without their schema, where wildcards are * and ?; OIDs; or rows of a cmdlet. A partitioned table stands for its partitions. Default: all tables.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    [DbObject(IsPattern = true)]
    public DbObjectPattern[] Table { get; set; } = [];

    /// <summary>Names of schemas; wildcards are * and ?. Default: all but those of the system, and without this module's own history.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Schema { get; set; } = [];

    /// <summary>The kinds that are wanted. Tables that could not be looked into are told in any case. Default: all.</summary>
    [Parameter]
    public PersonalDataCategory[] Category { get; set; } = [];

    /// <summary>Leaves out what is less sure. Default: Low.</summary>
    [Parameter]
    public PersonalDataConfidence MinimumConfidence { get; set; }

    /// <summary>About how many rows of each table the server looks at; never more than twice as many. Default: 1000.</summary>
    [Parameter]
    [ValidateRange(1, 100_000)]
    public int SampleRows { get; set; } = 1000;

    /// <summary>Looks at names and types alone, and reads no row. Default: values are looked at.</summary>
    [Parameter]
    public SwitchParameter NoSample { get; set; }

    /// <summary>The table whose rows are the people, as schema.name. Default: security.subjectTable of the configuration, else auth.users.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(TableCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SubjectTable { get; set; }

    /// <summary>Schemas that others reach; each has to be there. Default: those that PostgREST is configured with, else public where there is a role anon, else all but the system's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SchemaCompleter))]
    [ValidateNotNullOrEmpty]
    public string[]? ExposedSchema { get; set; }

    /// <summary>Roles that strangers can act as, besides PUBLIC; each has to be there. Default: anon and authenticated, as far as there are.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RoleCompleter))]
    [ValidateNotNull]
    public string[]? UntrustedRole { get; set; }

    /// <inheritdoc/>
    protected override async Task ProcessTargetAsync(MaintenanceTarget target, CancellationToken cancellationToken)
    {
        var tables = await Engine.RelationNames.PatternsAsync(target, Table, Call, cancellationToken);
        var query = new PersonalDataQuery
        {
            Tables = tables,
            Schemas = Schema,
            Categories = Category,
            MinimumConfidence = MinimumConfidence,
            SampleRows = NoSample ? 0 : SampleRows,
            SubjectTable = SubjectTable,
            ExposedSchemas = ExposedSchema,
            UntrustedRoles = UntrustedRole,
        };
        HashSet<string> missing = new(StringComparer.Ordinal);
        foreach (var (name, error) in await Engine.RelationNames.FindMissingAsync(target, tables, Schema, Call, cancellationToken, patternsToo: true))
        {
            missing.Add(name);
            await WriteErrorAsync(error, name);
        }

        // Nothing is left that could be looked through, and that was told.
        if ((tables.Length > 0 && tables.All(missing.Contains)) || (Schema.Length > 0 && Schema.All(missing.Contains)))
        {
            return;
        }

        await foreach (var record in Engine.PersonalData.FindAsync(target, query, Call, cancellationToken))
        {
            await WriteObjectAsync(record);
        }
    }
}

namespace Maintenance.Infrastructure;

/// <summary>Takes assertions: <c>@{ Name = 'Orders'; Sql = 'SELECT count(*) > 0 FROM orders' }</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class RecoveryAssertionAttribute() : SettingsAttribute<RecoveryAssertion>("an assertion")
{
    /// <inheritdoc/>
    protected override RecoveryAssertion Create(IReadOnlyDictionary<string, object?> settings) => new()
    {
        Name = Needed(settings, "Name"),
        Sql = Needed(settings, "Sql"),
        Expected = Text(settings, "Expected"),
        Database = Text(settings, "Database"),
    };
}

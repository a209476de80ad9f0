namespace Maintenance.ModuleTests.Help.Examples;

/// <summary>The world of the examples, made when the first of them asks for it: where there is no PostgreSQL, that one is skipped or fails.</summary>
public sealed class ExampleWorldFixture : IDisposable
{
    private readonly Lazy<ExampleWorld> _world = new(() => new ExampleWorld());

    internal ExampleWorld World => _world.Value;

    public void Dispose()
    {
        if (_world.IsValueCreated)
        {
            _world.Value.Dispose();
        }
    }
}

namespace Maintenance;

/// <summary>An object of which somebody measured or estimated what it could give back: who acts on several begins with the largest gain.</summary>
public interface IReclaimable : IDbObject
{
    /// <summary>Bytes it could give back; null if nobody can tell.</summary>
    long? Reclaimable { get; }
}

using System.Text.Json;
using Maintenance.Engine.Resilience;

namespace Maintenance.Engine.Security.Azure;

/// <summary>Questions to Azure Resource Manager with one token: single resources, and listings page by page.</summary>
internal sealed class AzureSession(AzureClient client, AzureScope scope, string token, CallContext call, Deadline deadline, TimeProvider time)
{
    /// <summary>No listing, and no single resource, takes more than this share of the time that is left at the beginning: what hangs must not keep the others.</summary>
    private const double Share = 1.0 / 3;

    /// <summary>This share is kept, to judge and to tell: whatever was read is worth it.</summary>
    private const double Reserve = 1.0 / 10;

    private readonly TimeSpan? _atBeginning = deadline.Remaining;

    /// <summary>More pages than any listing of a subscription should have: a server that never ends must not keep us.</summary>
    public const int MaximumPages = 100;

    public AzureScope Scope => scope;

    /// <summary>One object, as a listing of one.</summary>
    public async Task<AzureListing> OneAsync(Uri address)
    {
        using var limit = Limit();
        var answer = await client.GetAsync(scope, address, token, call, limit);
        return answer.Body is { } body ? new AzureListing([body]) : AzureListing.Unread(answer.Gap!);
    }

    /// <summary>All items of a listing. What was read before something went wrong is kept.</summary>
    public async Task<AzureListing> AllAsync(Uri address)
    {
        using var limit = Limit();
        var items = new List<JsonElement>();
        var seen = new HashSet<Uri>();
        Uri? next = address;
        while (next is not null)
        {
            if (seen.Count == MaximumPages || !seen.Add(next))
            {
                return new AzureListing(items, AzureGap.Undocumented($"a listing that does not end after {seen.Count} pages"));
            }

            var answer = await client.GetAsync(scope, next, token, call, limit);
            if (answer.Body is not { } body)
            {
                return new AzureListing(items, answer.Gap);
            }

            try
            {
                if (!body.TryGetProperty("value", out var value) || value.ValueKind == JsonValueKind.Null)
                {
                    return new AzureListing(items, AzureGap.Undocumented("a listing without a value"));
                }

                items.AddRange(body.Objects("value"));
                next = Next(body.Text("nextLink"));
            }
            catch (AzureGapException exception)
            {
                return new AzureListing(items, exception.Gap);
            }
        }

        return new AzureListing(items);
    }

    // At its end a request fails for itself; only the end of the whole, which is never before, ends everything.
    private Deadline Limit()
    {
        if (_atBeginning is not { } all || deadline.Remaining is not { } left)
        {
            return new Deadline(null, time, deadline.Token);
        }

        var limit = TimeSpan.FromTicks(Math.Min((all * Share).Ticks, (left - (all * Reserve)).Ticks));
        return new Deadline(limit > TimeSpan.FromMilliseconds(1) ? limit : TimeSpan.FromMilliseconds(1), time, deadline.Token);
    }

    private static Uri? Next(string? link) => link is not { Length: > 0 }
        ? null
        : Uri.TryCreate(link, UriKind.Absolute, out var next) ? next : throw new AzureGapException(AzureGap.Undocumented("the address of a listing's next page"));
}

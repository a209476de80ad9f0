using Azure;
using Azure.Core;
using Azure.Identity;

namespace Maintenance.Engine.Security.Azure;

/// <summary>The signed-in identity, as far as it takes to ask Azure Resource Manager. Where there is none, that is found out within a limit: some ways of signing in wait for hosts that never answer.</summary>
internal sealed class AzureIdentity(Func<TokenCredential> make, TimeProvider time, TimeSpan limit)
{
    private const string SignIn =
        "Sign in (az login, Connect-AzAccount), set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where there is a managed identity; and give the identity the role Reader on the scope. "
        + "AZURE_TOKEN_CREDENTIALS narrows what is tried.";

    private readonly Lazy<TokenCredential> _credential = new(make, LazyThreadSafetyMode.PublicationOnly);

    /// <summary>What waits at most for a token.</summary>
    public static TimeSpan DefaultLimit => TimeSpan.FromSeconds(10);

    /// <summary>A token for the service at the scope's endpoint, or why there is none.</summary>
    public async Task<(string? Token, AzureGap? Gap)> TokenAsync(AzureScope scope, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            // On another thread and waited for: not every way of signing in looks at the token.
            var token = await Task.Run(() => _credential.Value.GetTokenAsync(new TokenRequestContext([scope.TokenScope]), either.Token).AsTask(), either.Token).WaitAsync(either.Token);
            return (token.Token, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, Missing(FormattableString.Invariant($"no Azure identity answered within {limit.TotalSeconds:0.#} s")));
        }
        catch (CredentialUnavailableException)
        {
            return (null, Missing("there is no Azure identity on this machine"));
        }
        // Their words may hold tenants, accounts and what a service said; only the name of what was tried is told on.
        catch (Exception exception) when (exception is AuthenticationFailedException or RequestFailedException or InvalidOperationException or ArgumentException or HttpRequestException or IOException)
        {
            return (null, Missing(Failed(exception)));
        }
    }

    private static string Failed(Exception exception) => (exception as AuthenticationFailedException)?.Message.Split(' ')[0] switch
    {
        "ManagedIdentityCredential" => "there is no managed identity on this machine that could sign in",
        "WorkloadIdentityCredential" or "ClientAssertionCredential" => "the workload identity of this machine could not sign in",
        "EnvironmentCredential" or "ClientSecretCredential" or "ClientCertificateCredential" or "UsernamePasswordCredential" => "the identity in the variables AZURE_CLIENT_ID and the like could not sign in",
        _ => "no Azure identity on this machine could sign in",
    };

    private static AzureGap Missing(string reason) => new(FindingOutcome.Manual, reason, SignIn);
}

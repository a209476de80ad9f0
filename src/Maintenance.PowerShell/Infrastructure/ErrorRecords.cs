using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>The one place where errors become error records: condition id, category, target and what to do next.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord Create(Exception exception, object? target)
    {
        var known = exception as MaintenanceException
            ?? new MaintenanceException(
                MaintenanceErrorCode.Unexpected,
                $"An unexpected error of type {exception.GetType().Name}: {exception.Message}",
                "This is a fault of the Maintenance module. Please report it with the output of Get-Error.");

        return new ErrorRecord(exception, known.Code.ToString(), CategoryOf(known.Code), target)
        {
            // PowerShell shows the action below the message.
            ErrorDetails = new ErrorDetails(known.Message) { RecommendedAction = known.Recommendation },
        };
    }

    public static ErrorCategory CategoryOf(MaintenanceErrorCode code) => code switch
    {
        MaintenanceErrorCode.ConfigurationNotFound
            or MaintenanceErrorCode.TargetNotFound
            or MaintenanceErrorCode.SecretNotFound
            or MaintenanceErrorCode.StoreNotFound
            or MaintenanceErrorCode.DatabaseNotFound
            or MaintenanceErrorCode.ObjectNotFound
            or MaintenanceErrorCode.SandboxNotFound
            or MaintenanceErrorCode.TaskNotFound => ErrorCategory.ObjectNotFound,
        MaintenanceErrorCode.ConfigurationInvalid
            or MaintenanceErrorCode.HistoryCorrupt
            or MaintenanceErrorCode.HistoryTooNew => ErrorCategory.InvalidData,
        MaintenanceErrorCode.InvalidArgument => ErrorCategory.InvalidArgument,
        MaintenanceErrorCode.FileExists
            or MaintenanceErrorCode.AlreadyRunning
            or MaintenanceErrorCode.LockTimeout => ErrorCategory.ResourceBusy,
        MaintenanceErrorCode.TargetNotConnected
            or MaintenanceErrorCode.DatabaseUnreachable
            or MaintenanceErrorCode.StoreUnreachable => ErrorCategory.ConnectionError,
        MaintenanceErrorCode.AuthenticationFailed
            or MaintenanceErrorCode.StoreAuthenticationFailed => ErrorCategory.AuthenticationError,
        MaintenanceErrorCode.PermissionDenied => ErrorCategory.PermissionDenied,
        MaintenanceErrorCode.StatementTimeout
            or MaintenanceErrorCode.DeadlineExceeded => ErrorCategory.OperationTimeout,
        MaintenanceErrorCode.Cancelled => ErrorCategory.OperationStopped,
        MaintenanceErrorCode.NotConfigured
            or MaintenanceErrorCode.DatabaseReadOnly
            or MaintenanceErrorCode.PoolerNotSupported
            or MaintenanceErrorCode.ServerVersionNotSupported => ErrorCategory.InvalidOperation,
        MaintenanceErrorCode.ExtensionMissing
            or MaintenanceErrorCode.SandboxBinariesNotFound => ErrorCategory.NotInstalled,
        MaintenanceErrorCode.HistoryUnavailable
            or MaintenanceErrorCode.FileUnavailable => ErrorCategory.ResourceUnavailable,
        MaintenanceErrorCode.SandboxStartFailed => ErrorCategory.OpenError,
        MaintenanceErrorCode.DatabaseError
            or MaintenanceErrorCode.StoreError => ErrorCategory.InvalidResult,
        _ => ErrorCategory.InvalidOperation,
    };
}

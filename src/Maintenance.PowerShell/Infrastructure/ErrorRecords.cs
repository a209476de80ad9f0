using System.Management.Automation;

namespace Maintenance.Infrastructure;

/// <summary>The one place where errors become error records: condition id, category, target and what to do next.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord Create(Exception exception, object? target)
    {
        var known = exception as MaintenanceException
            ?? Incomplete(exception)
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

    // An assembly is asked for by its full name, another file by its path.
    private static MaintenanceException? Incomplete(Exception exception) =>
        exception.GetBaseException() is FileNotFoundException { FileName: { } file } && file.Contains(", Version=", StringComparison.Ordinal)
            ? new MaintenanceException(
                MaintenanceErrorCode.ModuleIncomplete,
                $"The Maintenance module is not complete: {file[..file.IndexOf(',', StringComparison.Ordinal)]}.dll is missing in its folder lib.",
                "Install it anew, or copy its whole folder, with all that lies below.")
            : null;

    public static ErrorCategory CategoryOf(MaintenanceErrorCode code) => code switch
    {
        MaintenanceErrorCode.ConfigurationNotFound
            or MaintenanceErrorCode.TargetNotFound
            or MaintenanceErrorCode.SecretNotFound
            or MaintenanceErrorCode.StoreNotFound
            or MaintenanceErrorCode.DatabaseNotFound
            or MaintenanceErrorCode.ObjectNotFound
            or MaintenanceErrorCode.SandboxNotFound
            or MaintenanceErrorCode.TaskNotFound
            or MaintenanceErrorCode.FunctionNotFound
            or MaintenanceErrorCode.ArchiveNotFound
            or MaintenanceErrorCode.BackupNotFound
            or MaintenanceErrorCode.ProgramNotFound
            or MaintenanceErrorCode.ChannelNotFound => ErrorCategory.ObjectNotFound,
        MaintenanceErrorCode.ConfigurationInvalid
            or MaintenanceErrorCode.HistoryCorrupt
            or MaintenanceErrorCode.HistoryTooNew
            or MaintenanceErrorCode.FunctionContentType
            or MaintenanceErrorCode.FunctionBodyEmpty
            or MaintenanceErrorCode.FunctionBodyInvalid
            or MaintenanceErrorCode.FunctionBodyTooLarge
            or MaintenanceErrorCode.FunctionFieldMissing
            or MaintenanceErrorCode.FunctionFieldNull
            or MaintenanceErrorCode.FunctionFieldInvalid
            or MaintenanceErrorCode.ArtifactMismatch
            or MaintenanceErrorCode.ArchiveMismatch
            or MaintenanceErrorCode.PartitionAdrift
            or MaintenanceErrorCode.MappingInvalid => ErrorCategory.InvalidData,
        MaintenanceErrorCode.InvalidArgument => ErrorCategory.InvalidArgument,
        MaintenanceErrorCode.RemedyLimitReached => ErrorCategory.LimitsExceeded,
        MaintenanceErrorCode.KeyExists or MaintenanceErrorCode.BackupExists => ErrorCategory.ResourceExists,
        MaintenanceErrorCode.FileExists
            or MaintenanceErrorCode.ArtifactExists
            or MaintenanceErrorCode.AlreadyRunning
            or MaintenanceErrorCode.LockTimeout
            or MaintenanceErrorCode.BlockedOthers
            or MaintenanceErrorCode.HeldBack
            or MaintenanceErrorCode.FunctionThrottled
            or MaintenanceErrorCode.FunctionCircuitOpen => ErrorCategory.ResourceBusy,
        MaintenanceErrorCode.TargetNotConnected
            or MaintenanceErrorCode.DatabaseUnreachable
            or MaintenanceErrorCode.StoreUnreachable
            or MaintenanceErrorCode.FunctionUnreachable
            or MaintenanceErrorCode.NotificationUndelivered => ErrorCategory.ConnectionError,
        MaintenanceErrorCode.AuthenticationFailed
            or MaintenanceErrorCode.StoreAuthenticationFailed
            or MaintenanceErrorCode.FunctionAuthenticationFailed => ErrorCategory.AuthenticationError,
        MaintenanceErrorCode.PermissionDenied => ErrorCategory.PermissionDenied,
        MaintenanceErrorCode.StatementTimeout
            or MaintenanceErrorCode.DeadlineExceeded
            or MaintenanceErrorCode.FunctionTimeout => ErrorCategory.OperationTimeout,
        MaintenanceErrorCode.Cancelled => ErrorCategory.OperationStopped,
        MaintenanceErrorCode.NotConfigured
            or MaintenanceErrorCode.DatabaseReadOnly
            or MaintenanceErrorCode.UnsafeNow
            or MaintenanceErrorCode.OutsideWindow
            or MaintenanceErrorCode.DoesNotFit
            or MaintenanceErrorCode.RetentionRefused
            or MaintenanceErrorCode.DestinationUnfit
            or MaintenanceErrorCode.AlreadyRestored
            or MaintenanceErrorCode.PoolerNotSupported
            or MaintenanceErrorCode.ServerVersionNotSupported => ErrorCategory.InvalidOperation,
        MaintenanceErrorCode.ExtensionMissing
            or MaintenanceErrorCode.ModuleIncomplete
            or MaintenanceErrorCode.SandboxBinariesNotFound => ErrorCategory.NotInstalled,
        MaintenanceErrorCode.HistoryUnavailable
            or MaintenanceErrorCode.HistoryConflict
            or MaintenanceErrorCode.FileUnavailable
            or MaintenanceErrorCode.InsufficientHistory => ErrorCategory.ResourceUnavailable,
        MaintenanceErrorCode.SandboxStartFailed => ErrorCategory.OpenError,
        MaintenanceErrorCode.DatabaseError
            or MaintenanceErrorCode.StoreError
            or MaintenanceErrorCode.FunctionRejected
            or MaintenanceErrorCode.FunctionFailed
            or MaintenanceErrorCode.FunctionUnhealthy
            or MaintenanceErrorCode.NotificationRejected => ErrorCategory.InvalidResult,
        _ => ErrorCategory.InvalidOperation,
    };
}

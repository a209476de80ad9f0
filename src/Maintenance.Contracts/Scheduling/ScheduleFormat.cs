namespace Maintenance;

/// <summary>A scheduler that a schedule can be written for.</summary>
public enum ScheduleFormat
{
    /// <summary>A pipeline of Azure DevOps: azure-pipelines.yml.</summary>
    AzurePipelines = 0,

    /// <summary>A workflow of GitHub: .github/workflows/maintenance.yml.</summary>
    GitHubActions,

    /// <summary>Lines of a crontab.</summary>
    Cron,

    /// <summary>A service and a timer of systemd for each task.</summary>
    Systemd,

    /// <summary>A CronJob of Kubernetes for each task.</summary>
    KubernetesCronJob,
}

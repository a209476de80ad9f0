namespace Maintenance;

/// <summary>One step that a task would do.</summary>
/// <param name="Name">Name of the step.</param>
/// <param name="Description">What exactly would be done.</param>
public sealed record PlannedStep(string Name, string Description);

/// <summary>A task that can be invoked.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
public sealed record MaintenanceTaskInfo(string Name, string Description);

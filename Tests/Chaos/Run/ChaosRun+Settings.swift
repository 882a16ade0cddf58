import Fakes

extension ChaosRun {
    /// The settings of the services: both sources, short pauses, and enough attempts for many faults.
    func environment(_ slskd: FakeSlskd) -> [String: String] {
        let own = [
            "HDM_SOURCES": "folder,slskd", "SLSKD_BASE_URL": slskd.baseURL, "SLSKD_API_KEY": slskd.settings.apiKey,
            "SLSKD_DOWNLOADS_DIR": slskd.settings.downloads.path, "SLSKD_SEARCH_TIMEOUT_MS": "1000",
            "HDM_TRANSFER_STALL_S": "15", "HDM_TRANSFER_START_S": "30", "HDM_TRANSFER_QUEUE_S": "60",
            "HDM_TRANSFERS_PER_PEER": "20", "HDM_CONCURRENCY_DOWNLOAD": "20", "HDM_CONCURRENCY_MATCH": "8",
            // A request that a killed process had in flight counts for a minute.
            "PROVIDER_SLSKD_CONCURRENCY": "16", "PROVIDER_SLSKD_BUDGET": "0", "PROVIDER_SLSKD_GAP_MS": "0",
            "PROVIDER_SLSKD_CIRCUIT_PAUSE_S": "1",
            "HDM_SEARCH_MISS_TTL_S": "0", "HDM_QUALITY_MIN_KBPS": "0", "HDM_DISK_FLOOR_MB": "1",
            // A job whose message was destroyed is searched for soon.
            "HDM_SWEEP_PATIENCE_S": "20", "HDM_DLQ_SURVEY_S": "10", "RETRY_MAX_ATTEMPTS": "12",
            "IDEMPOTENCY_SQLITE_PATH": "{folder}/state/idempotency.db",
        ]
        return own.merging(settings) { _, new in new }
    }
}

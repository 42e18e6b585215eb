//! Connections: so many at a time, with so much time and memory for a request.

use std::{convert::Infallible, sync::Arc, time::Duration};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::sleep,
};

use super::routes::Routes;

/// Most connections at a time; others wait until one ends.
const MOST: usize = 128;
/// Time in which a request has to be there, from its beginning or from the end of the one before.
const IN_TIME: Duration = Duration::from_secs(30);
/// Most bytes of a request's head.
const LONGEST_HEAD: usize = 16 << 10;
/// How long nobody is let in after the system refused a connection, as where too many files are open.
const AFTER_REFUSAL: Duration = Duration::from_millis(200);

/// Answers requests for as long as it is asked.
pub(super) async fn serve(listener: TcpListener, routes: Arc<Routes>) {
    let places = Arc::new(Semaphore::new(MOST));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let routes = Arc::clone(&routes);
                tokio::spawn(async move {
                    connection(stream, &routes).await;
                    drop(place);
                });
            }
            Err(_) => sleep(AFTER_REFUSAL).await,
        }
    }
}

async fn connection(stream: TcpStream, routes: &Routes) {
    // Events are small and have to be there at once. Where that cannot be set they come later.
    drop(stream.set_nodelay(true));
    let answer =
        service_fn(|request| async move { Ok::<_, Infallible>(routes.answer(&request).await) });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IN_TIME)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), answer)
        .await;
    // Whoever asked has gone away, or did not speak HTTP: nobody is left to tell.
    drop(served);
}

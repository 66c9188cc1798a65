<?php
// A page protected by phpCAS, as its documentation shows it; it says in JSON what the client learnt.
require_once 'CAS.php';

$port = (int) getenv('CAS_PORT');
$here = 'http://' . $_SERVER['HTTP_HOST'];
phpCAS::client(getenv('CAS_VERSION'), 'localhost', $port, '/cas', $here);
phpCAS::setCasServerCACert(getenv('CAS_AUTHORITY'));
phpCAS::handleLogoutRequests(true, ['127.0.0.1']);

if ($_SERVER['SCRIPT_NAME'] === '/logout') {
    phpCAS::logoutWithRedirectService($here . '/');
}
phpCAS::forceAuthentication();

header('Content-Type: application/json');
$attributes = phpCAS::hasAttributes() ? phpCAS::getAttributes() : new stdClass();
echo json_encode(['user' => phpCAS::getUser(), 'attributes' => $attributes], JSON_UNESCAPED_UNICODE);
